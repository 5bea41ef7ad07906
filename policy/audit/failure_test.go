package audit

import (
	"errors"
	"os"
	"testing"
)

// A disk that takes nothing: what is about to happen is refused, what has happened is written when the disk works again.
func TestWritesThatFail(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	good := l.f
	for round := range 2 {
		if l.f, err = os.Open(good.Name()); err != nil { // not for writing
			t.Fatal(err)
		}
		if err := l.Write(&Record{Event: Begin, Text: "refused"}); !errors.Is(err, ErrWrite) {
			t.Fatalf("a record that isn't written: %v", err)
		}
		if err := l.Write(&Record{Event: End, Text: "owed"}); !errors.Is(err, ErrWrite) {
			t.Fatalf("a record that isn't written: %v", err)
		}
		l.f.Close()
		l.f = good
		if round == 0 { // a part of a batch
			if _, err := l.f.WriteAt([]byte(`{"seq":2,"half`), l.size); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Write(&Record{Event: Begin, Text: "works again"}); err != nil {
			t.Fatal(err)
		}
	}
	var texts []string
	for r, err := range l.Records(t.Context(), Span{}) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(r.Event)+" "+r.Text)
	}
	want := []string{"file ", "end owed", "begin works again", "end owed", "begin works again"}
	if len(texts) != len(want) {
		t.Fatalf("%q", texts)
	}
	for i := range want {
		if texts[i] != want[i] {
			t.Errorf("%q, want %q", texts, want)
			break
		}
	}
	if r, err := Verify(dir, nil); err != nil || len(r.Problems) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
