package demo

// country is where companies are, with what their names and numbers look like there.
type country struct {
	code, currency string
	weight         int
	vatDigits      int
	legal          []string
	cities         []string
	postal         string // # stands for a digit
	streets        []string
	phone          string
}

var countries = []country{
	{"DE", "EUR", 34, 9, []string{"GmbH", "GmbH & Co. KG", "AG", "KG", "e.K."}, []string{"Berlin", "Hamburg", "München", "Köln", "Frankfurt am Main", "Stuttgart", "Düsseldorf", "Leipzig", "Dresden", "Nürnberg", "Bremen", "Münster", "Augsburg", "Kiel"}, "#####",
		[]string{"Hauptstraße", "Industriestraße", "Bahnhofstraße", "Am Hafen", "Gewerbepark", "Lindenallee", "Werkstraße", "Schillerstraße"}, "+49 30 "},
	{"FR", "EUR", 12, 11, []string{"SARL", "SAS", "SA"}, []string{"Paris", "Lyon", "Marseille", "Toulouse", "Nantes", "Strasbourg", "Bordeaux", "Lille", "Orléans"}, "#####",
		[]string{"Rue de la République", "Avenue de l’Industrie", "Rue du Port", "Boulevard Voltaire"}, "+33 1 "},
	{"NL", "EUR", 9, 9, []string{"B.V.", "N.V."}, []string{"Amsterdam", "Rotterdam", "Utrecht", "Eindhoven", "Groningen", "Breda"}, "#### AB", []string{"Havenweg", "Industrieweg", "Stationsplein", "Kerkstraat"}, "+31 20 "},
	{"AT", "EUR", 8, 8, []string{"GmbH", "AG", "OG"}, []string{"Wien", "Graz", "Linz", "Salzburg", "Innsbruck"}, "####", []string{"Ringstraße", "Mariahilfer Straße", "Industriezeile", "Donaulände"}, "+43 1 "},
	{"IT", "EUR", 9, 11, []string{"S.r.l.", "S.p.A."}, []string{"Milano", "Torino", "Bologna", "Roma", "Napoli", "Verona"}, "#####", []string{"Via Roma", "Via dell’Industria", "Corso Garibaldi", "Viale Europa"}, "+39 02 "},
	{"PL", "PLN", 7, 10, []string{"Sp. z o.o.", "S.A."}, []string{"Warszawa", "Kraków", "Łódź", "Wrocław", "Poznań", "Gdańsk"}, "##-###", []string{"ul. Przemysłowa", "ul. Długa", "al. Jerozolimskie", "ul. Portowa"}, "+48 22 "},
	{"SE", "SEK", 5, 12, []string{"AB"}, []string{"Stockholm", "Göteborg", "Malmö", "Uppsala", "Västerås"}, "### ##", []string{"Storgatan", "Hamngatan", "Industrivägen", "Kungsgatan"}, "+46 8 "},
	{"CH", "CHF", 6, 9, []string{"AG", "GmbH", "Sàrl"}, []string{"Zürich", "Genève", "Basel", "Bern", "Lausanne", "Winterthur"}, "####", []string{"Bahnhofstrasse", "Industriestrasse", "Rue du Rhône", "Seestrasse"}, "+41 44 "},
	{"GB", "GBP", 10, 9, []string{"Ltd", "plc", "LLP"}, []string{"London", "Manchester", "Birmingham", "Leeds", "Glasgow", "Bristol"}, "LS# #AB", []string{"High Street", "Station Road", "Mill Lane", "Dock Street"}, "+44 20 "},
}

// stems are what company names begin with.
var stems = []string{"Acme", "Adler", "Albatros", "Alpen", "Amber", "Anker", "Apex", "Arden", "Argon", "Aurora", "Baltic", "Bauer", "Becker", "Berg", "Bergström", "Blau",
	"Boréal", "Brandt", "Brauer", "Bright", "Brücke", "Calder", "Castell", "Cedar", "Central", "Chevalier", "Clement", "Corvus", "Dahl", "Delta", "Dietrich", "Dubois", "Düne",
	"Eagle", "Ebert", "Eder", "Eiffel", "Elbe", "Ferrari", "Fischer", "Fjord", "Fontaine", "Franke", "Fuchs", "Galileo", "Gärtner", "Gerber", "Girard", "Granit", "Greenfield",
	"Gruber", "Gustafsson", "Haas", "Hansa", "Hartmann", "Helios", "Henning", "Herzog", "Hoffmann", "Holm", "Horizon", "Huber", "Iberia", "Ideal", "Isar", "Jäger", "Jansen",
	"Jensen", "Kaiser", "Keller", "Kestrel", "Klein", "Köhler", "König", "Kowalski", "Krämer", "Kristall", "Krüger", "Lambert", "Lang", "Laurent", "Lechner", "Leroy", "Lindberg",
	"Löwe", "Lunar", "Maas", "Maier", "Marchetti", "Marin", "Martin", "Mayer", "Mercator", "Meridian", "Meyer", "Moreau", "Möller", "Müller", "Nagel", "Neumann", "Nord", "Nova",
	"Nowak", "Oberland", "Olsson", "Omega", "Orion", "Østberg", "Pacific", "Peregrine", "Peters", "Pfeiffer", "Phönix", "Polar", "Prime", "Quadra", "Rapid", "Raven", "Rhein",
	"Richter", "Ritter", "Romano", "Rossi", "Roth", "Rousseau", "Saphir", "Schäfer", "Schmidt", "Schneider", "Schröder", "Schulz", "Seidel", "Silva", "Solar", "Sommer", "Stark",
	"Stein", "Sterling", "Sund", "Tanner", "Terra", "Thiel", "Titan", "Triton", "Ulmer", "Union", "Vektor", "Vogel", "Voss", "Wagner", "Walter", "Weber", "Weiß", "Werner", "Wiśniewski",
	"Winter", "Wolf", "Zander", "Zenit", "Ziegler"}

// branch is a line of business: as a register spells it, as people write it, and the industry that CRM files it under.
type branch struct{ long, short, industry string }

var branches = []branch{
	{"Industries", "Ind.", "Manufacturing"}, {"Maschinenbau", "Masch.", "Manufacturing"}, {"Metallbau", "Metall", "Manufacturing"}, {"Engineering", "Eng.", "Engineering"},
	{"Logistik", "Log.", "Logistics"}, {"Logistics", "Logist.", "Logistics"}, {"Transport", "Transp.", "Logistics"}, {"Electronics", "Electr.", "Electronics"},
	{"Elektrotechnik", "E-Technik", "Electronics"}, {"Automation", "Autom.", "Manufacturing"}, {"Medical Technology", "MedTech", "Healthcare"}, {"Pharma", "Pharma", "Healthcare"},
	{"Foods", "Foods", "Food"}, {"Lebensmittel", "Lebensm.", "Food"}, {"Brauerei", "Brau", "Food"}, {"Bau", "Bau", "Construction"}, {"Construction", "Constr.", "Construction"},
	{"Holzwerke", "Holz", "Construction"}, {"Chemie", "Chem.", "Chemicals"}, {"Kunststofftechnik", "Kunststoff", "Chemicals"}, {"Papier", "Papier", "Paper"},
	{"Verpackungen", "Verp.", "Paper"}, {"Energy", "Energy", "Energy"}, {"Solartechnik", "Solar", "Energy"}, {"Handel", "Handel", "Retail"}, {"Retail Group", "Retail", "Retail"},
	{"Textil", "Textil", "Textiles"}, {"Optik", "Optik", "Electronics"}, {"Systems", "Sys.", "Software"}, {"Software", "SW", "Software"}, {"Consulting", "Cons.", "Services"},
	{"Services", "Svc.", "Services"}, {"International", "Intl.", "Retail"}, {"Trading", "Trdg.", "Retail"}, {"Werkzeuge", "Werkz.", "Manufacturing"}, {"Hydraulik", "Hydr.", "Manufacturing"},
}

var owners = []string{"Amara Okafor", "Bruno Keller", "Chloé Martin", "Dilan Yıldız", "Elena Petrova", "Felix Brandt", "Greta Lindqvist", "Hugo Fernandes", "Ines Wagner", "Jonas Krämer",
	"Katarzyna Nowak", "Liam O’Connor", "Mei Tanaka", "Noah Schneider"}

var firstNames = []string{"Anna", "Ben", "Carla", "David", "Emma", "Finn", "Giulia", "Hanna", "Ivan", "Julia", "Karl", "Lena", "Marco", "Nina", "Olaf", "Paula", "Quentin", "Rosa", "Sören",
	"Theo", "Ute", "Viktor", "Wanda", "Xenia", "Yann", "Zoë", "Björn", "Célia", "Łukasz", "José"}

var lastNames = []string{"Albrecht", "Bianchi", "Castro", "Durand", "Engel", "Farkas", "García", "Hahn", "Ivanov", "Jung", "Kraus", "Lehmann", "Mazur", "Novák", "Ortega", "Petit", "Quist",
	"Reuter", "Söderberg", "Tóth", "Urban", "Vidal", "Weiss", "Yilmaz", "Zimmermann", "Öztürk", "Łapiński", "D’Angelo"}

var roles = []string{"Purchasing", "Head of Purchasing", "Managing Director", "Operations", "Warehouse", "Accounting", "Engineering", "Assistant"}

// family is a group of products: a name's noun, and a price range in cents.
type family struct {
	category, code string
	nouns          []string
	low, high      int
}

var families = []family{
	{"Fasteners", "FA", []string{"Hex Bolt", "Socket Screw", "Lock Nut", "Threaded Rod", "Washer Set", "Rivet Box"}, 40, 2500},
	{"Bearings", "BE", []string{"Ball Bearing", "Roller Bearing", "Pillow Block", "Linear Guide", "Bushing"}, 350, 28000},
	{"Hydraulics", "HY", []string{"Hydraulic Pump", "Cylinder", "Hose Assembly", "Pressure Valve", "Seal Kit"}, 900, 185000},
	{"Electrical", "EL", []string{"Contactor", "Circuit Breaker", "Cable Drum", "Terminal Block", "Power Supply", "Cable Gland"}, 120, 64000},
	{"Sensors", "SE", []string{"Proximity Sensor", "Photo Cell", "Pressure Transmitter", "Encoder", "Thermocouple"}, 1500, 72000},
	{"Drives", "DR", []string{"Gear Motor", "Frequency Converter", "Servo Drive", "Timing Belt", "Coupling"}, 1900, 320000},
	{"Tools", "TO", []string{"Torque Wrench", "Drill Set", "Cutting Disc", "Caliper", "End Mill"}, 290, 54000},
	{"Safety", "SA", []string{"Safety Gloves", "Helmet", "Light Curtain", "Goggles", "First Aid Kit"}, 180, 99000},
	{"Packaging", "PA", []string{"Carton", "Stretch Film", "Pallet Wrap", "Label Roll", "Strap"}, 25, 4200},
}

var finishes = []string{"zinc", "stainless A2", "stainless A4", "black", "IP67", "heavy duty", "compact", "DIN", "ISO", "Pro"}

// warehouse is a place that stock is kept at.
type warehouse struct{ code, name, city, country string }

var warehouses = []warehouse{{"HAM", "Hafenlager Hamburg", "Hamburg", "DE"}, {"MUC", "Lager Süd", "München", "DE"}, {"LEJ", "Logistikzentrum Leipzig", "Leipzig", "DE"},
	{"LYS", "Dépôt Lyon", "Lyon", "FR"}, {"RTM", "Distribution Rotterdam", "Rotterdam", "NL"}, {"VIE", "Lager Wien", "Wien", "AT"}, {"POZ", "Magazyn Poznań", "Poznań", "PL"},
	{"BHX", "Midlands Depot", "Birmingham", "GB"}}
