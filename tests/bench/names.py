"""Names of people and towns for the benchmark, the commonest first, as they are spelt.

Written for this file after what is common in Spain and in Britain; the order is a rank, from which `people.py` makes
the skew of a real chain's customers: García is had by one in thirty, the last of the list by one in several thousand.
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN_ES = _listed(
    """
    María Antonio José Manuel Francisco Carmen David Ana Juan Javier Isabel Daniel Laura Cristina Carlos Jesús Marta
    Alejandro Miguel Dolores Rafael Lucía Pedro Pilar Pablo Ángel Sergio Elena Raquel Fernando Paula Jorge Luis Rosa
    Alberto Álvaro Mercedes Sara Adrián Diego Raúl Beatriz Iván Nuria Rubén Silvia Enrique Óscar Ramón Julia Vicente
    Patricia Irene Andrés Andrea Joaquín Rocío Santiago Montserrat Mónica Víctor Eduardo Rosario Alba Mario Roberto
    Encarnación Jaime Teresa Yolanda Marcos Ignacio Alicia Concepción Alfonso Sonia Jordi Salvador Marina Ricardo
    Sandra Susana Hugo Emilio Ángela Natalia Margarita Guillermo Claudia Gabriel Julián Eva Gonzalo Julio Marc Sofía
    Tomás Inmaculada Carla Fátima Mohamed Esther Martín Nicolás Noelia Agustín Verónica José-Luis Ismael Inés Amparo
    Carolina Samuel Félix Lorena Martina Catalina Josefa Nerea Lidia Joan Miriam Aitor Gloria Héctor Daniela Juana
    Xavier Cristian Alfredo Blanca Alexandra Aurora Luisa Josep César Valeria Domingo Josefina Sebastián Vanesa Iker
    Felipe Emma Mariano Consuelo Alonso Luz Mateo Eugenia Rodrigo Celia José-Manuel Xavi Esperanza Gregorio Vega
    Lorenzo Antonia Francisca Albert Ainhoa Leonor Aarón Ariadna Esteban Carlota Cristóbal Olga Borja Purificación
    Arturo Adriana Lucas Leire Germán Ainara Bruno Araceli Pau Vera Gerard Emilia Eric Milagros Unai Lourdes Mikel
    Victoria Ernesto Virginia Jon Asunción Ander Nieves Isaac Gema Omar Ester Eugenio Rebeca Abel Diana Benito Begoña
    Valentín Soledad Arnau Fernanda Gerardo Remedios Asier Macarena Pol Ángeles Joel Ruth Bernardo Itziar Jonathan
    Ramona Cayetano Magdalena Oriol Trinidad Israel Elvira Moisés Amaia Marcelino Carme Nil Anna Roger Núria Izan Laia
    Manuela Maite Adolfo Aina Sergi Mireia Aleix Meritxell Ferran Neus Iñaki Ainoa Bernat Montse Enric Roser Gorka
    Garazi Eneko Nahia Xabier Uxue Igor Haizea Koldo Edurne Kepa Arantxa Imanol Izaskun Beñat Idoia Breixo Iria Xoán
    Uxía Brais Sabela Anxo Noa Roi Antía Iago Xiana Leandro Paloma Matías Genoveva Fermín Visitación Dionisio Casilda
    Teodoro Jimena Baltasar Mencía Anselmo Candela Saturnino Triana Hilario Abril Evaristo Chloe Eusebio Aitana
    Florencio Zoe Casimiro Gala Damián Cayetana Celestino Nayara Isidro Yaiza Jacinto Idaira Leopoldo Nuria-María
    Nazario Dácil Olegario Gara Plácido Bárbara Quirino Úrsula Rogelio Hortensia Severino Brígida Timoteo Eulalia
    Ubaldo Filomena Wenceslao Herminia Zacarías Obdulia
    """
)

GIVEN_EN = _listed(
    """
    John David Sarah James Paul Susan Emma Michael Andrew Margaret Robert Peter Elizabeth William Mary Mark Helen Jane
    Richard Karen Christopher Stephen Thomas Christine Daniel Nicola Claire Matthew Anthony Samantha Rebecca Laura
    Patricia Joanne Simon Kevin Jonathan Steven Charlotte Alan Lisa Jack Amy George Philip Oliver Lucy Alexander Hannah
    Ian Jennifer Jacqueline Martin Katherine Louise Adam Benjamin Jessica Joseph Julie Harry Alison Edward Olivia Gary
    Emily Brian Tracey Graham Deborah Neil Angela Stuart Sophie Charles Dawn Barry Amanda Nicholas Sharon Jason Michelle
    Ryan Gemma Keith Victoria Kenneth Rachel Samuel Kelly Dean Katie Craig Natalie Lee Lauren Joshua Stephanie Luke
    Chloe Nathan Kimberley Jamie Leanne Ronald Hayley Derek Carol Trevor Wendy Raymond Sandra Colin Maureen Roger
    Pauline Geoffrey Valerie Dennis Sheila Terence Hilary Malcolm Marion Gordon Doreen Leslie Beryl Roy Joyce Frank
    Joan Norman Jean Gerald Audrey Douglas Eileen Clive Brenda Nigel Gillian Howard Lesley Russell Lorraine Carl Denise
    Wayne Yvonne Darren Tina Scott Donna Shaun Debra Damian Paula Marcus Heather Julian Fiona Leon Kirsty Aaron Zoe
    Connor Holly Callum Abigail Liam Georgia Kieran Molly Jake Poppy Reece Isla Toby Freya Finley Evie Archie Ruby Alfie
    Lily Oscar Grace Leo Ava Theo Mia Henry Amelia Arthur Isabella Freddie Florence Noah Ivy Jacob Willow Ethan Rosie
    Logan Daisy Mason Elsie Isaac Matilda Max Phoebe Lucas Harriet Elliot Eliza Hugo Imogen Rory Beatrice Felix Penelope
    Jude Eleanor Stanley Alice Albert Martha Sebastian Edith Reuben Nancy Frederick Robyn Rupert Bethany Dominic Megan
    Owen Bronwen Rhys Carys Dylan Cerys Gareth Sian Huw Angharad Ewan Eilidh Hamish Morag Angus Catriona Fraser Mhairi
    Duncan Shona Alistair Isobel Callan Ailsa Lachlan Rhona Brendan Siobhan Declan Niamh Cormac Aoife Padraig Orla
    Seamus Roisin Eamon Deirdre Cian Ciara Mohammed Aisha Ali Fatima Hassan Zainab Imran Priya Arjun Anjali Ravi Meera
    Sanjay Sunita Kwame Abena Tunde Ngozi Wei Ling Piotr Agnieszka Tomasz Katarzyna
    """
)

FAMILY_ES = _listed(
    """
    García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Hernández Ruiz Díaz Moreno
    Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Molina Morales
    Suárez Ortega Castro Delgado Ortiz Marín Rubio Núñez Medina Castillo Sanz Cortés Iglesias Garrido Santos Guerrero
    Lozano Cano Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Reyes Campos Vega
    Fuentes Carrasco Díez Caballero Nieto Aguilar Santana Pascual Herrero Montero Lorenzo Hidalgo Giménez Ibáñez Ferrer
    Durán Vicente Santiago Arias Mora Benítez Vargas Carmona Crespo Pastor Román Sáez Soto Velasco Moya Soler Esteban
    Parra Bravo Gallardo Rojas Pardo Merino Franco Espinosa Izquierdo Lara Rivas Silva Rivera Casado Arroyo Redondo
    Camacho Rey Vera Otero Luque Galán Montes Ríos Sierra Segura Carrillo Marcos Marti Soriano Mendoza Bernal Robles
    Vila Valero Palacios Exposito Benito Varela Andrés Macías Pereira Guerra Heredia Bueno Roldán Mateo Contreras
    Villar Miranda Guillén Mateos Escudero Aguilera Casas Menéndez Aparicio Rivero Estévez Beltrán Padilla Gracia Rico
    Calderón Abad Galindo Conde Salas Quintana Jurado Plaza Acosta Aranda Bermúdez Roca Santamaría Blázquez Miguel
    Guzmán Costa Villanueva Serra Manzano Cuesta Tomás Rueda Hurtado Trujillo Pacheco Simón Avila Pons De-la-Fuente
    Mesa Escobar Sancho Lázaro Del-Río Millán Luna Zamora Salazar Blanco Castaño Bermejo De-la-Cruz Ballesteros Oliva
    Anaya Paredes Bautista Valverde Ramón Rosa Maldonado Pulido Espino Rodrigo Quesada Puig Cordero Lorente Ponce Mas
    Juan Velázquez Cuenca De-la-Torre Cabello Pineda Moran Ojeda Cuevas Barroso Soria Corral Camps Marqués Huertas
    Ferreiro Alarcón Quintero Nicolás Cobo Murillo Barrios Zapata Rincón Arenas Montoya Caro Clemente Carrera Correa
    Tapia Villalba Lucas Rosado Peralta Belmonte Gálvez Sosa Arranz Cordón Muriel Palomo Juárez Valencia Salinas
    Collado Bosch Saavedra Toledo Naranjo Piñeiro Latorre Olivares Baena Rosell Prado Arce Olmo Barrera Cid Ventura Rio
    Granados Solís Castellano Linares Freire Porras Cervera Requena Puente Vergara Baños Ariza Esteve Coronado Sola
    Alcaraz Montiel Palma Domingo Escribano Sala Cánovas Ballester Carballo Ocaña Gordillo Paz Amador Grau Espejo
    Barba Burgos Losada Font Ros Segovia Alba Cañas Bonilla Mena Cárdenas Vallejo Cantero Chacón Toro Gimeno Mata
    Tejada Arroyo-Seco Ferrera Tena Lago Torre Armas Aznar Ruano Pozo Nogueira Sabater Riera Ayala Sevilla Zafra
    Bustos Casanova Arjona Godoy Cazorla Sastre Huerta Ocampo Guijarro Tejero Noguera Castells Barreiro Busto
    Fraile Jaén Trigo Cabezas Cerezo Escolano Pino Raya Pujol Ribas Company Roig Ferré Mir Llorente Oller Batlle
    Fuster Bonet Coll Casals Vives Planas Prat Mestre Rovira Canals Solé Codina Riba Miró Comas Sabaté Vilanova
    Torrent Camprubí Puigdemont Sorribas Figueras Capdevila Bofill Montaner Arnau Vilaseca Marsal Nadal Mayol Amengual
    Bauzá Oliver Llull Bibiloni Salom Moll Cladera Etxeberria Agirre Ibarra Mendizabal Zubizarreta Goikoetxea Aranburu
    Otxoa Urrutia Arrieta Elizalde Garmendia Echeverría Aguirre Larrañaga Arregui Olano Zabala Uriarte Lizarraga Azcona
    Goñi Iriarte Irigoyen Bengoechea Gorostiaga Ugarte Zuloaga Arana Eguía Basterra Urquijo Mendieta Sagasta Landa
    Oteiza Amezcua Baroja Unzué Berasategui Arzak Subijana Castiñeira Rial Souto Figueiras Seoane Pazos Piñeyro Lema
    Outón Fraga Vilariño Couto Bouzas Lamas Neira Novoa Pena Quiroga Rodiño Sanmartín Taboada Veiga Viqueira Feijóo
    Cerviño Dopazo Eiriz Abelenda Folgar Garrote Hermida Insua Cuéllar Llamas Noriega Cosío Llorca Peláez Riaño Somoza
    Trueba Valdés Cueto Pidal Posada Quirós Cangas Llaneza Felgueroso Menchaca Ansúrez Bazán Cienfuegos Dávila Enríquez
    Fajardo Girón Infante Jovellanos Leyva Manrique Narváez Osorio Pimentel Quevedo Rengifo Sandoval Téllez Ulloa
    Villegas Yáñez Zúñiga Bolaños Chamorro Alcántara Borrego Candela Dorado Escalona Falcón Gavilán Higueras Jareño
    Lendínez Mohedano Nevado Olmedo Pedraza Quintanilla Recio Salgado Tirado Utrera Verdugo Zurita Almagro Bocanegra
    Cepeda Duarte Elvira Frutos Garzón Holgado Illescas Ledesma Mariscal Nájera Ordóñez Pastrana Ribera Sepúlveda
    Talavera Urbano Villena Yuste Zaragoza Alameda Berlanga Corrales Diosdado Encinas Fonseca Guirao Hoyos Iborra
    Jorquera Lillo Melgar Navas Orellana Perales Rebollo Sobrino Tudela Ureña Vaquero Zorrilla Abellán Barberá Climent
    Devesa Estrella Falcó Giner Hervás Ivars Juan-Mompó Llopis Monzó Navarrete Orts Peris Quiles Ripoll Sempere Tortosa
    Verdú Zaplana Albiol Boix Chulvi Doménech Escrivá Folgado Garrigós Server Tormo Ubeda Vañó Ximénez
    Betancor Chinea Déniz Doreste Guanche Marrero Melián Perdomo Quevedo-Cruz Rodríguez-Cruz Tabares Umpiérrez Viera
    Bethencourt Curbelo Dorta Estupiñán Falero Hormiga Lugo Machín Nuez Oramas Padrón Socorro Toribio Verona
    """
)

FAMILY_EN = _listed(
    """
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts
    Green Hall Wood Jackson Clarke Khan Lewis Clark James Hughes Edwards Hill Moore Martin Turner Thomas Scott Harris
    Cooper King Davis Ward Baker Morris Harrison Morgan Allen Watson Parker Lee Cook Phillips Bailey Carter Richardson
    Shaw Bennett Collins Price Begum Ali Young Miller Griffiths Cox Kelly Marshall Anderson Mitchell Campbell Stevens
    Bell Simpson Murphy Webb Adams Hussain Rogers Murray Mason Mills Ellis Chapman Graham Hunt Gray Knight Lloyd Owen
    Barker Holmes Russell Matthews Palmer Fisher Butler Stewart Reid Robertson Thomson Macdonald Fraser Ross Henderson
    Paterson Hamilton Johnston Duncan Ferguson Grant Kerr Cameron Davidson McDonald Gordon Burns Hunter McKenzie Wallace
    Sutherland Craig Dixon Foster Pearson Powell Barnes Harvey Jenkins Fletcher Perry Dawson Stone Burton Walsh Atkinson
    Rose West Gibson Brooks Hart Cole Francis Andrews Spencer Armstrong Elliott Reynolds Bradley Payne Hudson Day Pearce
    Lawrence Gardner Saunders Watts Nicholson Hawkins Wells Carr Freeman Chambers Webster Newman Austin Hayes Warren
    Ford Bates Page Bishop Sharp Barrett Marsh Cunningham Lambert Berry Sims Nash Dean Rees Carpenter Wilkinson Harper
    Coleman Howard Woods Lane Burke Howell Kaur Singh Ahmed Rahman Shah Malik Akhtar Iqbal Hussein Mahmood Miah Uddin
    Sharma Kumar Gupta Chowdhury Das Mistry Desai Joshi Mehta Nguyen Wong Chan Cheung Lam Osei Mensah Okafor Adeyemi
    Balogun Eze Kowalski Nowak Wisniewski Lewandowski Kaminski Popescu Ionescu Georgiou Papadopoulos Rossi Ferrari
    Schmidt Müller Weber Wagner Dubois Moreau Laurent O'Brien O'Connor O'Neill O'Sullivan O'Reilly O'Donnell Ryan Byrne
    Doyle McCarthy Gallagher Doherty Quinn Kennedy Lynch McLaughlin Nolan Brennan Dunne Fitzgerald Daly Kavanagh Power
    Whelan Sweeney Hogan Buckley Maguire Flynn Farrell Connolly Redmond Higgins Foley Keane Mulligan Tierney Costello
    Hennessy Cullen Rafferty Boyle McGuire McCann McBride McKay MacLeod Mackay MacKinnon Maclean Sinclair Munro Ritchie
    Bruce Forbes Drummond Lindsay Logan Innes Leslie Cairns Baird Blair Boyd Buchanan Christie Cochrane Cowan Crawford
    Cumming Dickson Docherty Donaldson Douglas Dunlop Erskine Findlay Fleming Galbraith Gilchrist Gillespie Haldane
    Hepburn Irvine Jamieson Kilpatrick Laing Lockhart Lyall Melville Moffat Napier Ogilvie Pringle Ramsay Rankin Rennie
    Semple Skene Strachan Tait Urquhart Weir Younger Pritchard Bowen Bevan Beynon Gwynne Llewellyn Maddox Meredith
    Mostyn Parry Penry Prosser Probert Pugh Rhydderch Tudor Vaughan Wynne Yorath Trevelyan Penrose Tremaine Pascoe
    Trelawny Penhaligon Bolitho Carew Nance Rosewarne Tregenza Ashworth Bagshaw Battersby Birtwistle Blackburn Bottomley
    Bracewell Butterworth Clegg Clough Crabtree Crowther Duckworth Entwistle Fairclough Greenhalgh Grimshaw Hargreaves
    Haworth Heaton Hepworth Heywood Higginbottom Holroyd Hebden Illingworth Kershaw Lumb Mellor Micklethwaite Murgatroyd
    Naylor Ogden Ollerenshaw Pickles Pilkington Ramsbottom Rawnsley Rigby Rothwell Schofield Shackleton Shuttleworth
    Sidebottom Stansfield Sutcliffe Sugden Tattersall Thackray Threlfall Turnbull Uttley Wadsworth Walmsley Whitworth
    Winterbottom Wolstenholme Abbott Ackroyd Addison Aldridge Allsopp Appleby Archer Arkwright Arnold Ashdown Askew
    Atherton Attwood Avery Babbage Baldwin Bancroft Banks Barlow Barnett Bartlett Baxter Beaumont Beckett Bellamy
    Benson Bentley Best Bickerstaff Bird Blackwell Blythe Bond Booth Boswell Bourne Bowden Bowers Bowler Brewer
    Bright Broadbent Brook Buckingham Bull Burgess Burnett Bush Cartwright Castle Chandler Cheetham Church Churchill
    Clayton Clements Cobb Coates Collier Compton Connor Conway Cornish Cotton Coulson Court Cowell Crane Cross Crouch
    Curtis Dale Dalton Daniels Darby Davey Denham Dennis Dickens Dobson Doughty Draper Drew Duffy Dyer Eaton Eccles
    Elton Emerson English Everett Farmer Faulkner Field Finch Fielding Fowler Fox Franklin French Frost Fuller Gale
    Garner Gates George Gibbons Gilbert Giles Glover Goddard Godfrey Golding Goodman Goodwin Gough Gould Greaves
    Gregory Griffin Hale Hammond Hancock Hardy Harding Harrington Hartley Haynes Heath Herbert Hewitt Hicks Hobbs
    Hodgson Holland Holloway Hooper Hope Hopkins Horton Houghton Humphreys Hurst Hutchinson Ingram Jarvis Jeffery
    Jennings Jordan Joyce Kemp Kent Kirby Kirk Knowles Lamb Lancaster Law Leach Little Long Lord Lowe Lucas Mann
    Manning Marsden Maxwell May Mead Middleton Miles Moss Myers Newton Nicholls Norman Norris North Norton Oliver
    Osborne Parkinson Parsons Peacock Peters Pollard Poole Porter Potter Potts Pratt Preston Randall Rawlings Read
    Reeves Rhodes Rice Richards Riley Robson Rowe Rowley Rushton Sanders Sanderson Savage Sheppard Short Skinner Slater
    Steele Stephenson Stokes Storey Summers Sutton Swift Sykes Talbot Tate Thornton Thorpe Todd Tomlinson Townsend
    Tucker Tyler Underwood Vincent Wade Wakefield Wall Waters Weston Wheeler Whitehead Whittaker Wilkins Willis Winter
    Yates
    """
)

# A name that few have, put together out of three parts: some 56,000 of them.
RARE_STARTS = _listed(
    """
    Alb Ard Bald Berm Brad Cald Carv Cast Dorn Elg Esc Fal Ferr Gald Gorm Harl Ibar Jarm Kirk Lad Lang Mald Mend Mont
    Nav Ols Orb Pard Quint Rad Rosk Sald Serv Tarr Thorn Urb Vald Wald Yar Zub
    """
)
RARE_MIDDLES = _listed("a ai ami ande aque arra e ella eri ette i ila ime ingu o ola ombe oste u ulla unde ure y ys")
RARE_ENDS = _listed(
    """
    ba bar beny berg bide boa bran by cal cena cho cida co combe cúa dal den dez do dres fa field ford gal gar ge goi
    gray gui ham jar ley lín llo lva mar mez mond na nco ndi ner ño ntes pe quez rdi res ro rza sen shaw sto tar tegui
    ton va wick zu
    """
)

CITIES_ES = _listed(
    """
    Madrid Barcelona Valencia Sevilla Zaragoza Málaga Murcia Palma Bilbao Alicante Córdoba Valladolid Vigo Gijón
    Vitoria Granada Elche Oviedo Badalona Cartagena Terrassa Jerez Sabadell Móstoles Pamplona Almería Burgos Donostia
    Santander Albacete Getafe Logroño Badajoz Salamanca Huelva Lleida Tarragona León Cádiz Jaén Ourense Girona Lugo
    Cáceres Castelló Ferrol Pontevedra Toledo Ceuta Melilla Mataró Reus Torrelavega Avilés Algeciras Linares Soria
    Segovia Ávila Cuenca Huesca Teruel Zamora Palencia Guadalajara
    """
)

CITIES_EN = _listed(
    """
    London Birmingham Leeds Glasgow Sheffield Bradford Edinburgh Liverpool Manchester Bristol Cardiff Leicester
    Nottingham Newcastle Belfast Brighton Derby Plymouth Southampton Reading York Oxford Cambridge Norwich Exeter Bath
    Aberdeen Dundee Swansea Chester
    """
)

ARTICLES = _listed(
    """
    Camisa Camiseta Jersey Vestido Falda Pantalón Vaquero Abrigo Chaqueta Parka Blusa Polo Sudadera Bermuda Bolso
    Cinturón Zapato Bota Sandalia Gorro Bufanda Guante Pijama Bañador Americana
    """
)
STYLES = _listed(
    """
    Oxford lino pana merino cachemir seda popelín denim punto estampado rayas cuadros liso slim recto oversize cruzado
    plisado acolchado técnico
    """
)
