package mysql

import (
	"github.com/dolthub/vitess/go/mysql"
)

// sizes holds what a client sends to max_allowed_packet: a command's packets together, and what is sent ahead for the parameters of a
// connection's statements. The protocol library collects both without a bound.
type sizes struct {
	command int            // bytes of the command that is being read
	ahead   map[uint32]int // bytes that were sent ahead, by statement
	total   int            // of all of them
}

// packet counts a packet and reports whether its command is still within the limit. A command's first packet has the number 0.
func (s *sizes) packet(sequence byte, length int) bool {
	if sequence == 0 {
		s.command = 0
	}
	s.command += length
	return s.command <= int(maxPacket)
}

func isStatementCommand(code byte) bool {
	switch code {
	case mysql.ComStmtSendLongData, mysql.ComStmtExecute, mysql.ComStmtReset, mysql.ComStmtClose:
		return true
	}
	return false
}

// statement counts what is sent ahead for a statement, until it is run, reset or closed, and reports whether that is still within the limit.
func (s *sizes) statement(code byte, id uint32, length int) bool {
	if code != mysql.ComStmtSendLongData {
		s.total -= s.ahead[id]
		delete(s.ahead, id)
		return true
	}
	if s.ahead == nil {
		s.ahead = map[uint32]int{}
	}
	s.ahead[id] += length
	s.total += length
	return s.total <= int(maxPacket)
}

// reset forgets what was sent ahead: the statements that it was for go away with the session's state.
func (s *sizes) reset() { s.ahead, s.total = nil, 0 }

// tooLarge refuses a packet that goes beyond the limit; the connection ends.
func (s *socket) tooLarge(sequence byte) error {
	return s.refuse(sequence, mysql.NewSQLError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"))
}
