package rel

// Operand says what the binder makes of one operand of a function before a dialect sees it.
type Operand uint8

// The operands. "Kept" means that no cast is inserted.
const (
	// AnyOperand is kept whatever its class (never Bool: the binder makes BigInt of it).
	AnyOperand Operand = iota
	// TextOperand is text.
	TextOperand
	// StringOperand is text, or binary where any StringOperand of the call is binary: then all of them are, the function
	// works by byte, and a result that is a string is binary.
	StringOperand
	// IntOperand is BigInt; an unsigned operand stays unsigned.
	IntOperand
	// NumberOperand is BigInt, Decimal or Double; other classes become Double.
	NumberOperand
	// DoubleOperand is Double.
	DoubleOperand
	// DateOperand is Date, DateTime or Timestamp kept; other classes become DateTime(6).
	DateOperand
	// DateTimeOperand is DateTime or Timestamp; other classes become DateTime(6).
	DateTimeOperand
	// TimeOperand is Time.
	TimeOperand
	// TemporalOperand is Date, Time, DateTime or Timestamp kept; other classes become DateTime(6).
	TemporalOperand
	// JSONOperand is a JSON document; text is parsed by the cast (error 3141 if it is none).
	JSONOperand
	// PathOperand is the text of a JSON path.
	PathOperand
	// ValueOperand is a value that becomes a part of a JSON document: kept, so that its class says how it is written
	// (text as a JSON string, JSON as itself).
	ValueOperand
	// CommonOperand is cast to the class that all CommonOperands of the call have in common, which is the result's.
	CommonOperand
	// UnitOperand is a literal unit in upper case such as DAY.
	UnitOperand
)

// Signature describes a scalar function as it appears in a bound plan.
type Signature struct {
	Min, Max int       // count of operands; Max < 0 is no limit
	Operands []Operand // by position; the last ones, as many as Repeat (at least 1), stand for all that follow
	Repeat   int
	// MayNull says that the result may be NULL although no operand is; otherwise it is NULL exactly if any operand is,
	// unless NeverNull or OnlyFirst is set.
	MayNull   bool
	NeverNull bool // never NULL whatever the operands
	OnlyFirst bool // NULL exactly if the first operand is
	// Result gives the type of a call whose operands have been cast; NotNull is set by ResultType.
	Result func(args []Expr) Type
}

// Operand is what the operand at position i of n becomes.
func (s *Signature) Operand(i int) Operand {
	last, repeat := len(s.Operands), max(1, s.Repeat)
	if i < last {
		return s.Operands[i]
	}
	return s.Operands[last-repeat+(i-last)%repeat]
}

// ResultType is the type of a call whose operands have been cast.
func (s *Signature) ResultType(args []Expr) Type {
	t := s.Result(args)
	t.Collation, t.Native = "", ""
	t.NotNull = !s.MayNull
	for i, a := range args {
		if !s.OnlyFirst || i == 0 {
			t.NotNull = t.NotNull && (s.NeverNull || a.Type().NotNull)
		}
	}
	return t
}

// Functions holds every scalar function that can appear in a bound plan as Call{Op: name}, under MySQL's name in lower case. The
// binder writes synonyms and special syntax as one of these, so that a dialect needs one form for each meaning:
//
//   - lcase, ucase, mid, substring, octet_length, character_length, ceiling, power, sha, ltrim … are lower, upper, substr, length, …;
//     trim, ltrim and rtrim always have the string to remove as their second operand;
//   - instr(s, x) and position(x in s) are locate(x, s); bin and oct are conv; log(x) is ln(x), log(b, x) is log;
//   - week and yearweek always have a literal mode; weekofyear(d) is week(d, 3); format always has two operands (en_US);
//     round and truncate always have the count of digits;
//   - date(x), time(x), timestamp(x) are casts; year, quarter, month, day, hour, minute, second and microsecond are extract; all the
//     INTERVAL functions (adddate, timestampadd, …) are date_add;
//   - from_unixtime and unix_timestamp work in UTC; the binder writes convert_tz around them for other session time zones, and
//     at_zone around TIMESTAMP columns;
//   - if, ifnull, nullif, case are case; isnull is isnull; x->>p is json_unquote(json_extract(x, p)); pi(), now(), database() …
//     are constants.
//
// The cast to text never cuts: CAST(x AS CHAR(n)) is left(cast(x), n), and CAST(x AS BINARY(n)) is rpad(cast(x), n, x'00').
var Functions = map[Op]*Signature{
	// Strings.
	"concat":    {Min: 1, Max: -1, Operands: ops(StringOperand), Result: stringOf(sumOfLengths)},
	"concat_ws": {Min: 2, Max: -1, Operands: ops(StringOperand), OnlyFirst: true, Result: stringOf(lengthOfConcatWS)},
	// substr counts from 1; a negative position counts from the end; position 0, or a length below 1, gives ''.
	"substr":          {Min: 2, Max: 3, Operands: ops(StringOperand, IntOperand, IntOperand), Result: stringOf(lengthUpTo(2))},
	"substring_index": {Min: 3, Max: 3, Operands: ops(StringOperand, StringOperand, IntOperand), Result: stringOf(lengthOf(0))},
	"left":            {Min: 2, Max: 2, Operands: ops(StringOperand, IntOperand), Result: stringOf(lengthUpTo(1))},
	"right":           {Min: 2, Max: 2, Operands: ops(StringOperand, IntOperand), Result: stringOf(lengthUpTo(1))},
	"lpad":            {Min: 3, Max: 3, Operands: ops(StringOperand, IntOperand, StringOperand), MayNull: true, Result: stringOf(lengthGiven(1))},
	"rpad":            {Min: 3, Max: 3, Operands: ops(StringOperand, IntOperand, StringOperand), MayNull: true, Result: stringOf(lengthGiven(1))},
	"trim":            {Min: 2, Max: 2, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"ltrim":           {Min: 2, Max: 2, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"rtrim":           {Min: 2, Max: 2, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"lower":           {Min: 1, Max: 1, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"upper":           {Min: 1, Max: 1, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"length":          {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(BigIntType)}, // bytes
	"char_length":     {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"bit_length":      {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"locate":          {Min: 2, Max: 3, Operands: ops(StringOperand, StringOperand, IntOperand), Result: fixed(BigIntType)},
	"replace":         {Min: 3, Max: 3, Operands: ops(StringOperand), Result: stringOf(lengthOfReplace)},
	"repeat":          {Min: 2, Max: 2, Operands: ops(StringOperand, IntOperand), Result: stringOf(lengthTimes(0, 1))},
	"reverse":         {Min: 1, Max: 1, Operands: ops(StringOperand), Result: stringOf(lengthOf(0))},
	"space":           {Min: 1, Max: 1, Operands: ops(IntOperand), Result: stringOf(lengthGiven(0))},
	"insert":          {Min: 4, Max: 4, Operands: ops(StringOperand, IntOperand, IntOperand, StringOperand), Result: stringOf(sumOfLengths)},
	"elt":             {Min: 2, Max: -1, Operands: ops(IntOperand, StringOperand), MayNull: true, Result: stringOf(longestFrom(1))},
	"field":           {Min: 2, Max: -1, Operands: ops(CommonOperand), NeverNull: true, Result: fixed(BigIntType)}, // common class: text, or numbers
	"find_in_set":     {Min: 2, Max: 2, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"make_set":        {Min: 2, Max: -1, Operands: ops(IntOperand, StringOperand), OnlyFirst: true, Result: stringOf(sumOfLengths)},
	"ascii":           {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"ord":             {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"char":            {Min: 1, Max: -1, Operands: ops(IntOperand), NeverNull: true, Result: binaryOfArgs(4)},   // CHAR(n, …) without USING is binary
	"char_text":       {Min: 1, Max: -1, Operands: ops(IntOperand), MayNull: true, Result: textOfArgs(4)},       // CHAR(n, … USING utf8mb4)
	"hex":             {Min: 1, Max: 1, Operands: ops(AnyOperand), Result: hexDigits},                           // of a string's bytes, or of a BigInt
	"unhex":           {Min: 1, Max: 1, Operands: ops(TextOperand), MayNull: true, Result: binaryFromLength(2)}, // NULL for what is no hex
	"conv":            {Min: 3, Max: 3, Operands: ops(TextOperand, IntOperand, IntOperand), MayNull: true, Result: fixed(VarCharType(64))},
	"format":          {Min: 2, Max: 2, Operands: ops(NumberOperand, IntOperand), Result: fixed(VarCharType(98))},
	"strcmp":          {Min: 2, Max: 2, Operands: ops(StringOperand), Result: fixed(BigIntType)},
	"soundex":         {Min: 1, Max: 1, Operands: ops(TextOperand), Result: stringOf(lengthOf(0))},
	"quote":           {Min: 1, Max: 1, Operands: ops(StringOperand), NeverNull: true, Result: quoted(2)}, // NULL gives the word NULL
	"to_base64":       {Min: 1, Max: 1, Operands: ops(StringOperand), Result: base64Length},
	"from_base64":     {Min: 1, Max: 1, Operands: ops(TextOperand), MayNull: true, Result: binaryFromLength(1)},
	"md5":             {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(VarCharType(32))},
	"sha1":            {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(VarCharType(40))},
	"sha2":            {Min: 2, Max: 2, Operands: ops(StringOperand, IntOperand), MayNull: true, Result: fixed(VarCharType(128))},
	"crc32":           {Min: 1, Max: 1, Operands: ops(StringOperand), Result: fixed(UBigIntType)},
	"inet_aton":       {Min: 1, Max: 1, Operands: ops(TextOperand), MayNull: true, Result: fixed(UBigIntType)},
	"inet_ntoa":       {Min: 1, Max: 1, Operands: ops(IntOperand), MayNull: true, Result: fixed(VarCharType(31))},
	"inet6_aton":      {Min: 1, Max: 1, Operands: ops(TextOperand), MayNull: true, Result: fixed(Type{Kind: VarBinary, Length: 16})},
	"inet6_ntoa":      {Min: 1, Max: 1, Operands: ops(AnyOperand), MayNull: true, Result: fixed(VarCharType(39))},
	"is_ipv4":         {Min: 1, Max: 1, Operands: ops(TextOperand), NeverNull: true, Result: fixed(BigIntType)},
	"is_ipv6":         {Min: 1, Max: 1, Operands: ops(TextOperand), NeverNull: true, Result: fixed(BigIntType)},
	// Regular expressions; the test x REGEXP p and regexp_like(x, p) without flags are the operator OpRegexp.
	"regexp_like":    {Min: 3, Max: 3, Operands: ops(TextOperand), Result: fixed(BigIntType)},
	"regexp_instr":   {Min: 2, Max: 6, Operands: ops(TextOperand, TextOperand, IntOperand, IntOperand, IntOperand, TextOperand), Result: fixed(BigIntType)},
	"regexp_substr":  {Min: 2, Max: 5, Operands: ops(TextOperand, TextOperand, IntOperand, IntOperand, TextOperand), MayNull: true, Result: stringOf(lengthOf(0))},
	"regexp_replace": {Min: 3, Max: 6, Operands: ops(TextOperand, TextOperand, TextOperand, IntOperand, IntOperand, TextOperand), Result: fixed(TextType)},

	// Numbers.
	"abs":       {Min: 1, Max: 1, Operands: ops(NumberOperand), Result: same},
	"ceil":      {Min: 1, Max: 1, Operands: ops(NumberOperand), Result: wholeNumber},
	"floor":     {Min: 1, Max: 1, Operands: ops(NumberOperand), Result: wholeNumber},
	"round":     {Min: 2, Max: 2, Operands: ops(NumberOperand, IntOperand), Result: rounded(true)},
	"truncate":  {Min: 2, Max: 2, Operands: ops(NumberOperand, IntOperand), Result: rounded(false)},
	"sign":      {Min: 1, Max: 1, Operands: ops(NumberOperand), Result: fixed(BigIntType)},
	"bit_count": {Min: 1, Max: 1, Operands: ops(IntOperand), Result: fixed(BigIntType)},
	"pow":       {Min: 2, Max: 2, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)}, // out of range: error 1690
	"exp":       {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)}, // out of range: error 1690
	"sqrt":      {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)}, // NULL outside the domain, as the next ones
	"ln":        {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"log":       {Min: 2, Max: 2, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"log2":      {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"log10":     {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"sin":       {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"cos":       {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"tan":       {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"cot":       {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)}, // cot(0): error 1690
	"asin":      {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"acos":      {Min: 1, Max: 1, Operands: ops(DoubleOperand), MayNull: true, Result: fixed(DoubleType)},
	"atan":      {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"atan2":     {Min: 2, Max: 2, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"degrees":   {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"radians":   {Min: 1, Max: 1, Operands: ops(DoubleOperand), Result: fixed(DoubleType)},
	"greatest":  {Min: 2, Max: -1, Operands: ops(CommonOperand), Result: nil}, // the binder gives the common type
	"least":     {Min: 2, Max: -1, Operands: ops(CommonOperand), Result: nil},
	"interval":  {Min: 2, Max: -1, Operands: ops(CommonOperand), NeverNull: true, Result: fixed(BigIntType)}, // numbers; -1 for NULL

	// Dates and times. NULL for what is no date.
	"dayofweek":      {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)}, // 1 is Sunday
	"weekday":        {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)}, // 0 is Monday
	"dayofyear":      {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)},
	"week":           {Min: 2, Max: 2, Operands: ops(DateOperand, IntOperand), MayNull: true, Result: fixed(BigIntType)},
	"yearweek":       {Min: 2, Max: 2, Operands: ops(DateOperand, IntOperand), MayNull: true, Result: fixed(BigIntType)},
	"monthname":      {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(VarCharType(9))},
	"dayname":        {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(VarCharType(9))},
	"last_day":       {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(DateType)},
	"makedate":       {Min: 2, Max: 2, Operands: ops(IntOperand), MayNull: true, Result: fixed(DateType)},
	"maketime":       {Min: 3, Max: 3, Operands: ops(IntOperand, IntOperand, NumberOperand), MayNull: true, Result: timeWithScaleOf(2)},
	"datediff":       {Min: 2, Max: 2, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)},         // time of day ignored
	"timediff":       {Min: 2, Max: 2, Operands: ops(TemporalOperand), MayNull: true, Result: timeWithScaleOf(0, 1)}, // both Time or both DateTime
	"timestampdiff":  {Min: 3, Max: 3, Operands: ops(UnitOperand, DateOperand, DateOperand), MayNull: true, Result: fixed(BigIntType)},
	"addtime":        {Min: 2, Max: 2, Operands: ops(AnyOperand, TimeOperand), MayNull: true, Result: temporalPlusTime}, // DateTime, Time, or text (gives text)
	"subtime":        {Min: 2, Max: 2, Operands: ops(AnyOperand, TimeOperand), MayNull: true, Result: temporalPlusTime},
	"date_format":    {Min: 2, Max: 2, Operands: ops(DateOperand, TextOperand), MayNull: true, Result: formatted},
	"time_format":    {Min: 2, Max: 2, Operands: ops(TimeOperand, TextOperand), MayNull: true, Result: formatted},
	"str_to_date":    {Min: 2, Max: 2, Operands: ops(TextOperand, TextOperand), MayNull: true, Result: parsedDate}, // Date, Time or DateTime by the format
	"from_unixtime":  {Min: 1, Max: 1, Operands: ops(NumberOperand), MayNull: true, Result: fromUnixTime},
	"unix_timestamp": {Min: 1, Max: 1, Operands: ops(DateTimeOperand), MayNull: true, Result: unixTimestamp},
	"from_days":      {Min: 1, Max: 1, Operands: ops(IntOperand), MayNull: true, Result: fixed(DateType)},
	"to_days":        {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)},
	"to_seconds":     {Min: 1, Max: 1, Operands: ops(DateOperand), MayNull: true, Result: fixed(BigIntType)},
	"sec_to_time":    {Min: 1, Max: 1, Operands: ops(NumberOperand), Result: timeWithScaleOf(0)},
	"time_to_sec":    {Min: 1, Max: 1, Operands: ops(TimeOperand), Result: fixed(BigIntType)},
	"period_add":     {Min: 2, Max: 2, Operands: ops(IntOperand), Result: fixed(BigIntType)},
	"period_diff":    {Min: 2, Max: 2, Operands: ops(IntOperand), Result: fixed(BigIntType)},
	// at_zone shows a moment, which is in UTC, in the time zone that the second operand names: what MySQL does with a TIMESTAMP that leaves
	// storage. It isn't a function of MySQL's; the binder writes it for a session whose time_zone isn't UTC. Unlike convert_tz it knows all years.
	"at_zone":    {Min: 2, Max: 2, Operands: ops(DateTimeOperand, TextOperand), Result: momentInZone},
	"convert_tz": {Min: 3, Max: 3, Operands: ops(DateTimeOperand, TextOperand, TextOperand), MayNull: true, Result: dateTimeWithScaleOf(0)},

	// JSON. A path that is wrong is an error (3143).
	"json_extract":        {Min: 2, Max: -1, Operands: ops(JSONOperand, PathOperand), MayNull: true, Result: fixed(JSONType)},
	"json_unquote":        {Min: 1, Max: 1, Operands: ops(AnyOperand), MayNull: true, Result: fixed(TextType)}, // text or JSON
	"json_quote":          {Min: 1, Max: 1, Operands: ops(TextOperand), Result: quoted(6)},
	"json_value":          {Min: 2, Max: 2, Operands: ops(JSONOperand, PathOperand), MayNull: true, Result: fixed(VarCharType(512))},
	"json_object":         {Min: 0, Max: -1, Operands: ops(TextOperand, ValueOperand), Repeat: 2, NeverNull: true, Result: fixed(JSONType)},
	"json_array":          {Min: 0, Max: -1, Operands: ops(ValueOperand), NeverNull: true, Result: fixed(JSONType)},
	"json_contains":       {Min: 2, Max: 3, Operands: ops(JSONOperand, JSONOperand, PathOperand), MayNull: true, Result: fixed(BigIntType)},
	"json_contains_path":  {Min: 3, Max: -1, Operands: ops(JSONOperand, TextOperand, PathOperand), MayNull: true, Result: fixed(BigIntType)},
	"json_overlaps":       {Min: 2, Max: 2, Operands: ops(JSONOperand), Result: fixed(BigIntType)},
	"json_length":         {Min: 1, Max: 2, Operands: ops(JSONOperand, PathOperand), MayNull: true, Result: fixed(BigIntType)},
	"json_depth":          {Min: 1, Max: 1, Operands: ops(JSONOperand), Result: fixed(BigIntType)},
	"json_keys":           {Min: 1, Max: 2, Operands: ops(JSONOperand, PathOperand), MayNull: true, Result: fixed(JSONType)},
	"json_type":           {Min: 1, Max: 1, Operands: ops(JSONOperand), Result: fixed(VarCharType(51))},
	"json_valid":          {Min: 1, Max: 1, Operands: ops(AnyOperand), Result: fixed(BigIntType)}, // text or JSON; 0 for other classes
	"json_pretty":         {Min: 1, Max: 1, Operands: ops(JSONOperand), Result: fixed(TextType)},
	"json_search":         {Min: 3, Max: -1, Operands: ops(JSONOperand, TextOperand, TextOperand, TextOperand, PathOperand), MayNull: true, Result: fixed(JSONType)},
	"json_merge_patch":    {Min: 2, Max: -1, Operands: ops(JSONOperand), Result: fixed(JSONType)},
	"json_merge_preserve": {Min: 2, Max: -1, Operands: ops(JSONOperand), Result: fixed(JSONType)},
	"json_set":            {Min: 3, Max: -1, Operands: ops(JSONOperand, PathOperand, ValueOperand), Repeat: 2, MayNull: true, Result: fixed(JSONType)},
	"json_insert":         {Min: 3, Max: -1, Operands: ops(JSONOperand, PathOperand, ValueOperand), Repeat: 2, MayNull: true, Result: fixed(JSONType)},
	"json_replace":        {Min: 3, Max: -1, Operands: ops(JSONOperand, PathOperand, ValueOperand), Repeat: 2, MayNull: true, Result: fixed(JSONType)},
	"json_array_append":   {Min: 3, Max: -1, Operands: ops(JSONOperand, PathOperand, ValueOperand), Repeat: 2, MayNull: true, Result: fixed(JSONType)},
	"json_array_insert":   {Min: 3, Max: -1, Operands: ops(JSONOperand, PathOperand, ValueOperand), Repeat: 2, MayNull: true, Result: fixed(JSONType)},
	"json_remove":         {Min: 2, Max: -1, Operands: ops(JSONOperand, PathOperand), MayNull: true, Result: fixed(JSONType)},
	"json_member_of":      {Min: 2, Max: 2, Operands: ops(ValueOperand, JSONOperand), Result: fixed(BigIntType)}, // x MEMBER OF (doc)
}

func ops(o ...Operand) []Operand { return o }
