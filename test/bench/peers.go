package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

//go:embed peers.py
var peersProgram string

// peers is the Python process that the peers run in.
type peers struct {
	names    []string          // of those that could be opened
	versions map[string]string // by name
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	trino    *trino // if this program started it
}

// openPeers opens the peers that the flags ask for. One that can't be had is left out.
func openPeers(ctx context.Context, o *options, s *sources) (*peers, error) {
	p := &peers{versions: map[string]string{}}
	if o.peers == "" {
		return p, nil
	}
	p.cmd = exec.CommandContext(ctx, "python3", "-c", peersProgram)
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting python3 for the peers: %w", err)
	}
	for _, name := range strings.Split(o.peers, ",") {
		request := map[string]any{"open": name}
		switch name {
		case "duckdb":
			if request["postgres"], request["crm"], request["inventory"], err = s.scannerAddresses(); err != nil {
				return nil, err
			}
		case "trino":
			address := o.trino
			if address == "" {
				if p.trino, err = startTrino(ctx, s); err != nil {
					fmt.Printf("peer trino is left out: %v\n", err)
					continue
				}
				address = p.trino.address
			}
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			request["host"] = host
			if request["port"], err = strconv.Atoi(port); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("no peer %q; there are duckdb and trino", name)
		}
		a, err := p.ask(request)
		if err != nil {
			fmt.Printf("peer %s is left out: %v\n", name, err)
			continue
		}
		p.versions[name] = a.Version
		p.names = append(p.names, name)
	}
	return p, nil
}

func (p *peers) close() {
	if p.cmd != nil {
		p.in.Close()
		p.cmd.Wait()
	}
	if p.trino != nil {
		p.trino.stop()
	}
}

type answer struct {
	Error       string
	Version     string
	Seconds     float64
	Rows        [][]*string
	Approximate []bool
}

func (p *peers) ask(request map[string]any) (*answer, error) {
	line, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	if line, err = p.out.ReadBytes('\n'); err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return nil, err
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return &a, nil
}

func (p *peers) run(name, sql string) (time.Duration, result, error) {
	a, err := p.ask(map[string]any{"run": name, "sql": sql})
	if err != nil {
		return 0, result{}, err
	}
	return time.Duration(a.Seconds * float64(time.Second)), result{rows: a.Rows, approximate: a.Approximate}, nil
}
