package mysql

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"

	vlog "github.com/dolthub/vitess/go/vt/log"
)

var quietOnce sync.Once

// quietLibrary sends the protocol library's messages to the log at debug level, their formats only: the arguments may be packets and
// statements. What matters (connections, logins, errors of statements) is logged by this package itself.
func quietLibrary(log *slog.Logger) {
	quietOnce.Do(func() {
		plain := func(...any) { log.Debug("mysql protocol library message") }
		format := func(f string, args ...any) {
			if strings.Contains(f, "panic") { // a value and a stack
				log.Error("panic in the mysql protocol library; the connection was closed", "panic", fmt.Sprintf(f, args...))
				return
			}
			log.Debug("mysql protocol library", "message", f)
		}
		vlog.Info, vlog.Warning, vlog.Error = plain, plain, plain
		vlog.Infof, vlog.Warningf, vlog.Errorf = format, format, format
	})
}
