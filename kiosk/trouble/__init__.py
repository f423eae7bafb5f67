"""When something goes wrong at a kiosk: a calm screen for each, with a way on."""
