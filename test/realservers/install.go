package realservers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// serverPackage is what a server needs from the operating system.
type serverPackage struct {
	what     string
	apt      string
	dirs     []string // glob patterns of directories to look in beside PATH; of several matches the highest version counts
	programs []string
}

var (
	postgresPackage = serverPackage{"PostgreSQL", "postgresql", []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"},
		[]string{"initdb", "postgres"}}
	mariadbPackage = serverPackage{"MariaDB", "mariadb-server", []string{"/usr/sbin", "/usr/libexec", "/usr/local/sbin"},
		[]string{"mariadb-install-db", "mariadbd"}}
)

// find returns the paths of a package's programs. Root installs the package with apt-get if it is missing; for anyone else
// that is an error which says what to install.
func find(p serverPackage) (map[string]string, error) {
	if found := p.locate(); found != nil {
		return found, nil
	}
	missing := fmt.Errorf("%s is needed for the tests: apt-get install -y %s", p.what, p.apt)
	if os.Geteuid() != 0 {
		return nil, missing
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return nil, missing
	}
	// Several test processes may find it missing at once.
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "weir-server-install.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if found := p.locate(); found != nil {
		return found, nil
	}
	for _, args := range [][]string{{"update"}, {"install", "-y", "--no-install-recommends", p.apt}} {
		c := exec.Command("apt-get", args...)
		c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w (apt-get %s: %v: %s)", missing, args[0], err, tail(out))
		}
	}
	if found := p.locate(); found != nil {
		return found, nil
	}
	return nil, missing
}

// locate returns the programs' paths, or nil if one is missing. Programs come from one directory where possible, so that their versions agree.
func (p serverPackage) locate() map[string]string {
	var dirs []string
	for _, pattern := range p.dirs {
		matches, _ := filepath.Glob(pattern)
		sort.Slice(matches, func(i, j int) bool { return version(matches[i]) > version(matches[j]) })
		dirs = append(dirs, matches...)
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	found := map[string]string{}
	for _, program := range p.programs {
		for _, dir := range dirs {
			path := filepath.Join(dir, program)
			if _, err := exec.LookPath(path); err == nil {
				found[program] = path
				break
			}
		}
		if found[program] == "" {
			return nil
		}
	}
	return found
}

// version is the number in a path such as /usr/lib/postgresql/15/bin.
func version(path string) float64 {
	digits := strings.FieldsFunc(path, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if len(digits) == 0 {
		return 0
	}
	v, _ := strconv.ParseFloat(digits[0], 64)
	return v
}
