"""A sound that asks for attention and frightens nobody: two soft notes, made when they are needed. Pure."""

import math
import struct
import wave
from io import BytesIO

RATE = 22_050
NOTES = ((0.0, 659.25), (0.22, 880.0))
"""When each begins, in seconds, and its pitch in Hz: a rising fourth."""
LENGTH = 1.1
LOUDNESS = 0.28


def chime() -> bytes:
    """The sound as a WAV file."""
    samples = bytearray()
    for number in range(int(RATE * LENGTH)):
        at = number / RATE
        level = 0.0
        for begins, pitch in NOTES:
            since = at - begins
            if since >= 0:
                # It is there within 10 ms, without a click, and rings out.
                level += min(1.0, since / 0.01) * math.exp(-4.5 * since) * math.sin(2 * math.pi * pitch * since)
        samples += struct.pack("<h", round(32_767 * LOUDNESS * max(-1.0, min(1.0, level))))
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(samples))
    return file.getvalue()
