package audit

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A file is named after the number of its first record. The last one is written, the others are never touched again.
const (
	filePrefix = "audit-"
	fileSuffix = ".jsonl"
)

// fileOf is a file of the audit.
type fileOf struct {
	path  string
	first uint64 // the number of its first record
}

func fileName(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%016d%s", filePrefix, first, fileSuffix))
}

// list returns the files of a directory in the order of their records. A directory that isn't there has none.
func list(dir string) ([]fileOf, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the audit's files: %w", err)
	}
	var out []fileOf
	for _, e := range entries {
		number, isOurs := strings.CutPrefix(e.Name(), filePrefix)
		number, hasSuffix := strings.CutSuffix(number, fileSuffix)
		if !isOurs || !hasSuffix {
			continue
		}
		first, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			continue
		}
		out = append(out, fileOf{filepath.Join(dir, e.Name()), first})
	}
	slices.SortFunc(out, func(a, b fileOf) int { return cmp.Compare(a.first, b.first) })
	return out, nil
}

// syncDir makes the names of new and removed files last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
