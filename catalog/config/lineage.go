package config

import (
	"net/url"
)

// Lineage says whether and where statements' lineage is told as OpenLineage events. Without File and URL it isn't.
type Lineage struct {
	File      string `yaml:"file" jsonschema_description:"File to which events are appended, one a line. Relative to this file. Either this or url."`
	URL       string `yaml:"url" jsonschema_description:"Address that events are sent to, such as http://marquez:5000/api/v1/lineage; one that ends in /batch gets arrays of events."`
	Namespace string `yaml:"namespace" jsonschema:"default=weir" jsonschema_description:"Namespace of the events' jobs and datasets."`
	APIKey    Secret `yaml:"api_key" jsonschema_description:"Key that is sent to url as a bearer token; best as ${env:NAME} or ${file:PATH}."`
	SQL       string `yaml:"sql" jsonschema:"default=redacted,enum=redacted,enum=full,enum=none" jsonschema_description:"Whether events hold statements' texts: redacted (without literals and comments), full, or none."`
}

// On reports whether events are told.
func (l Lineage) On() bool { return l.File != "" || l.URL != "" }

var defaultLineage = Lineage{Namespace: "weir", SQL: "redacted"}

func (l Lineage) validate(d *decoder) {
	if !l.On() {
		if l != defaultLineage {
			d.problemAt("lineage", "says nowhere to write to; give file or url")
		}
		return
	}
	if l.File != "" && l.URL != "" {
		d.problemAt("lineage", "has file and url; give one of them")
	}
	if l.Namespace == "" {
		d.problemAt("lineage.namespace", "is empty")
	}
	oneOf(d, "lineage.sql", l.SQL, "redacted", "full", "none")
	if l.URL == "" {
		if l.APIKey != "" {
			d.problemAt("lineage.api_key", "is for url, which isn't given")
		}
		return
	}
	u, err := url.Parse(l.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		d.problemAt("lineage.url", "is no address; write it like https://host/api/v1/lineage")
	case u.User != nil:
		d.problemAt("lineage.url", "holds a user or password; give them as api_key")
	}
}
