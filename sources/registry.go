package sources

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Config is what a kind needs to open a source. Options hold the keys of the source's section of weir.yaml that are its own.
type Config struct {
	Name    string // the source's name in the configuration
	Options map[string]any
	// MaxConnections bounds the connections that the source may hold open at once; 0 is the kind's default.
	MaxConnections int
	// StatementTimeout bounds each remote statement; 0 is none.
	StatementTimeout time.Duration
	Log              *slog.Logger
}

// Kind is a kind of source, such as postgres.
type Kind struct {
	Name string
	// Options are the keys that the kind understands, for strict decoding and the schema of weir.yaml.
	Options []Option
	// Open makes a source without contacting it; a wrong option is an error here, a system that is down is not.
	Open func(ctx context.Context, cfg Config) (Source, error)
}

// Option is one key of a source's configuration.
type Option struct {
	Name     string
	Help     string
	Required bool
	Secret   bool // never printed
	// Path says that the value is a file name; a relative one is taken from the directory of weir.yaml.
	Path bool
}

var (
	kindsMu sync.RWMutex
	kinds   = map[string]Kind{}
)

// Register makes a kind known. It is called from a kind's init function and panics on a name that is taken.
func Register(k Kind) {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if _, taken := kinds[k.Name]; taken {
		panic("sources: kind " + k.Name + " registered twice")
	}
	kinds[k.Name] = k
}

// Kinds returns the registered kinds by name.
func Kinds() []Kind {
	kindsMu.RLock()
	defer kindsMu.RUnlock()
	out := make([]Kind, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Open makes a source of a registered kind.
func Open(ctx context.Context, kind string, cfg Config) (Source, error) {
	kindsMu.RLock()
	k, ok := kinds[kind]
	kindsMu.RUnlock()
	if !ok {
		var names []string
		for _, k := range Kinds() {
			names = append(names, k.Name)
		}
		return nil, fmt.Errorf("source %s: unknown kind %q; known kinds: %s", cfg.Name, kind, strings.Join(names, ", "))
	}
	for _, o := range k.Options {
		if _, set := cfg.Options[o.Name]; o.Required && !set {
			return nil, fmt.Errorf("source %s: kind %s needs the option %s (%s)", cfg.Name, kind, o.Name, o.Help)
		}
	}
	for name := range cfg.Options {
		if !slices.ContainsFunc(k.Options, func(o Option) bool { return o.Name == name }) {
			return nil, fmt.Errorf("source %s: kind %s has no option %s", cfg.Name, kind, name)
		}
	}
	return k.Open(ctx, cfg)
}
