package audit

import (
	"encoding/json"
	"time"
)

// Event says what a record is about.
type Event string

// The events.
const (
	// Begin is written before a statement runs, End when it has ended; what never ran (a syntax error, a refusal) has an End alone.
	Begin Event = "begin"
	End   Event = "end"
	// Login and LoginFailed are written before the client learns the outcome. Logout is when the connection ends.
	Login       Event = "login"
	LoginFailed Event = "login failed"
	Logout      Event = "logout"
	// Start and Stop are of the server; Configuration is a change of the configuration, the policy or the users in it, or the refusal of one.
	Start         Event = "start"
	Stop          Event = "stop"
	Configuration Event = "configuration"
	// File begins a file, Removed tells of files that were too old, Torn of an incomplete line that a crash had left and that was cut off,
	// Broken of records that a start found to be missing or changed.
	File    Event = "file"
	Removed Event = "removed"
	Torn    Event = "torn"
	Broken  Event = "broken"
)

// Record is one line of the audit. The log adds its number, its time and the hashes. Empty fields are not written.
type Record struct {
	// Seq and Time are set by the log.
	Seq  uint64    `json:"-"`
	Time time.Time `json:"-"`

	Event Event `json:"event"`

	User       string   `json:"user,omitempty"`
	Roles      []string `json:"roles,omitempty"`      // the active ones
	Attributes []string `json:"attributes,omitempty"` // names only
	Client     string   `json:"client,omitempty"`     // address without port
	TLS        bool     `json:"tls,omitempty"`

	Connection uint32 `json:"connection,omitempty"`
	// Statement numbers the statements of this process; a Begin and its End have the same.
	Statement uint64   `json:"statement,omitempty"`
	Class     string   `json:"class,omitempty"`    // query, catalog, session, account, prepare, refused
	Database  string   `json:"database,omitempty"` // the default one
	Text      string   `json:"text,omitempty"`
	Cut       int      `json:"cut,omitempty"`  // bytes of the text that are left out at its end
	Args      []string `json:"args,omitempty"` // of a prepared statement; only where literals are kept

	// Tables are the columns that were read, by database.table.
	Tables map[string][]string `json:"tables,omitempty"`
	// Applied are the rules of the policy that changed what was seen.
	Applied []Applied `json:"applied,omitempty"`
	Remote  []Remote  `json:"remote,omitempty"`
	// Reveals is set if the statement asked for what a pseudonym stands for, also if it was refused.
	Reveals bool `json:"reveals,omitempty"`
	// Rows and Bytes went to the client. A cache that answered says so in Cache.
	Rows  int64  `json:"rows,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
	Cache string `json:"cache,omitempty"`

	// Micros is the time that the statement took, FirstMicros until its first row, both in microseconds.
	Micros      int64 `json:"us,omitempty"`
	FirstMicros int64 `json:"first_us,omitempty"`
	// Result is ok, error, refused, killed, timeout, gone (the client) or shutdown; Code is MySQL's. The error's text is not kept: it may hold data.
	Result string `json:"result,omitempty"`
	Code   int    `json:"code,omitempty"`

	// Lineage is where the result's columns come from.
	Lineage json.RawMessage `json:"lineage,omitempty"`
	// Detail is what an event other than a statement's has to tell.
	Detail map[string]string `json:"detail,omitempty"`
}

// Applied is what a rule of the policy did to a table.
type Applied struct {
	Table  string `json:"table"`            // database.table
	Column string `json:"column,omitempty"` // empty for a row filter and a group size
	Rule   string `json:"rule"`
	// Does is the kind of mask, or filter, or group.
	Does string `json:"does"`
}

// Remote is a statement that a source was sent.
type Remote struct {
	Source string `json:"source"`
	// Text is the statement as planned. Join keys, which are other sources' data, are not in it: Keys says how many were sent along.
	Text    string `json:"text"`
	Keys    int    `json:"keys,omitempty"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
	Micros  int64  `json:"us"`
	Skipped bool   `json:"skipped,omitempty"` // not sent: no join key could match
}
