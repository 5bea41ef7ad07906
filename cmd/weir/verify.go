package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"weir/catalog/config"
	"weir/policy/audit"
)

func newAudit() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Check the audit"}
	cmd.AddCommand(newAuditVerify())
	return cmd
}

func newAuditVerify() *cobra.Command {
	var file, dir, keyFile string
	var anchors []string
	cmd := &cobra.Command{
		Use: "verify", Short: "Find records that were altered, removed, reordered or cut off", Args: cobra.NoArgs,
		Long: `Read all files of the audit and check that each record is as it was written and follows the one before it. What isn't is told with file
and line. It may run while the server writes. The last record is printed with its hash: noted elsewhere and given back with --anchor, it
shows that nobody has made the whole chain anew since.
Exit codes: 0 the audit is whole, 1 something was tampered with or lost, 2 the command line or the configuration is wrong.`,
		Example: `  weir audit verify
  weir audit verify --anchor 81234:5f0c…
  weir audit verify --dir ./copy/audit --key-file ./audit.key`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, where, err := auditKeys(file, dir, keyFile, cmd.Flags().Changed("config"))
			if err != nil {
				return err
			}
			noted, err := parseAnchors(anchors)
			if err != nil {
				return err
			}
			r, err := audit.Verify(where, keys, noted...)
			if err != nil {
				return err
			}
			return report(cmd.OutOrStdout(), where, r)
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&dir, "dir", "", "directory of the audit, if not the configuration's")
	cmd.Flags().StringVar(&keyFile, "key-file", "", "file with the key, if not the configuration's")
	cmd.Flags().StringArrayVar(&anchors, "anchor", nil, "NUMBER:HASH of a record that must be there; may be given several times")
	return cmd
}

// auditKeys are the keys of an audit, and where it is. Without the configuration's file, both must be given, or there is no key.
func auditKeys(file, dir, keyFile string, named bool) (keys [][]byte, where string, err error) {
	cfg, err := config.Load(file)
	switch {
	case err == nil:
		if cfg.Audit.Off && dir == "" {
			return nil, "", usage("the configuration keeps no audit (audit: off); name one with --dir")
		}
		where = cfg.Audit.Path
		for _, k := range append([]config.Secret{cfg.Audit.Key}, cfg.Audit.OldKeys...) {
			if k != "" {
				keys = append(keys, []byte(k))
			}
		}
	case dir == "" || named || !errors.Is(err, fs.ErrNotExist):
		_, err = loadConfig(file) // tells it as the other commands do
		return nil, "", err
	}
	if dir != "" {
		where = dir
	}
	if keyFile != "" {
		b, err := os.ReadFile(keyFile)
		if err != nil {
			return nil, "", usage("reading the key: %w", err)
		}
		keys = append([][]byte{[]byte(strings.TrimRight(string(b), "\r\n"))}, keys...)
	}
	return keys, where, nil
}

func parseAnchors(texts []string) ([]audit.Anchor, error) {
	out := make([]audit.Anchor, len(texts))
	for i, t := range texts {
		number, hash, ok := strings.Cut(t, ":")
		seq, err := strconv.ParseUint(number, 10, 64)
		if _, bad := hex.DecodeString(hash); !ok || err != nil || bad != nil || len(hash) != 64 {
			return nil, usage("%q is no anchor; write NUMBER:HASH as 'weir audit verify' prints it", t)
		}
		out[i] = audit.Anchor{Seq: seq, Hash: hash}
	}
	return out, nil
}

// report prints what was found. Its error says that the audit isn't whole.
func report(out io.Writer, dir string, r *audit.Report) error {
	for _, p := range r.Problems {
		fmt.Fprintln(out, p)
	}
	kind := "no key: whoever may write the files can make the chain anew"
	if r.Keyed {
		kind = "with a key"
	}
	fmt.Fprintf(out, "%s: %d files, records %d to %d, %s\n", dir, r.Files, r.First, r.Last.Seq, kind)
	if len(r.Problems) > 0 {
		return fmt.Errorf("the audit is not whole: %d problems", len(r.Problems))
	}
	fmt.Fprintf(out, "whole; the last record is %d:%s\n", r.Last.Seq, r.Last.Hash)
	return nil
}
