// Checklog checks a log that our code made, with golang.org/x/mod alone: checkpoint signature, witness
// cosignature, every tile, inclusion and consistency proofs.
//
//	checklog DIR    DIR holds expected.json, checkpoint and the tiles, as test_go_xmod.py writes them
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type expected struct {
	LogKey, WitnessName string
	WitnessHash         uint32
	WitnessPublic       []byte
	Size                int64
	Root                []byte
	Inclusion           []struct {
		Index int64
		Leaf  []byte
		Proof [][]byte
	}
	Consistency []struct {
		Old   int64
		Root  []byte
		Proof [][]byte
	}
}

// A witness verifies signature lines of type 0x04, which x/mod leaves to its callers.
type witness struct{ e expected }

func (w witness) Name() string    { return w.e.WitnessName }
func (w witness) KeyHash() uint32 { return w.e.WitnessHash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.e.WitnessPublic, []byte(text), sig[8:])
}

// Tiles reads them from a directory laid out as C2SP tlog-tiles says: x/mod's paths without the height.
type tiles struct{ dir string }

func (tiles) Height() int                     { return 8 }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(want []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		octets, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		data = append(data, octets)
	}
	return data, nil
}

func hash(data []byte) (h tlog.Hash) {
	if copy(h[:], data) != len(h) || len(data) != len(h) {
		log.Fatal("a hash does not have 32 bytes")
	}
	return h
}

func hashes(list [][]byte) (all []tlog.Hash) {
	for _, one := range list {
		all = append(all, hash(one))
	}
	return all
}

func must(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func same(what string, ours, theirs []tlog.Hash) {
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		log.Fatalf("%s: the proofs differ", what)
	}
}

func main() {
	dir := os.Args[1]
	octets, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	must("expected.json", err)
	var e expected
	must("expected.json", json.Unmarshal(octets, &e))
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must("checkpoint", err)
	logKey, err := note.NewVerifier(e.LogKey)
	must("log key", err)
	opened, err := note.Open(signed, note.VerifierList(logKey, witness{e}))
	must("signatures", err)
	if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("signatures: %d verified, %d not", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", logKey.Name(), e.Size, base64.StdEncoding.EncodeToString(e.Root))
	if !bytes.Equal([]byte(text), []byte(opened.Text)) {
		log.Fatalf("checkpoint: %q", opened.Text)
	}

	root := hash(e.Root)
	reader := tlog.TileHashReader(tlog.Tree{N: e.Size, Hash: root}, tiles{dir}) // checks each tile against the root
	for _, one := range e.Inclusion {
		ours, leaf := hashes(one.Proof), tlog.RecordHash(one.Leaf)
		stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, one.Index)})
		must("tiles", err)
		if stored[0] != leaf {
			log.Fatalf("tiles: leaf %d is another", one.Index)
		}
		theirs, err := tlog.ProveRecord(e.Size, one.Index, reader)
		must("prove record", err)
		same("inclusion", ours, theirs)
		must("check record", tlog.CheckRecord(ours, e.Size, root, one.Index, leaf))
	}
	for _, one := range e.Consistency {
		ours := hashes(one.Proof)
		theirs, err := tlog.ProveTree(e.Size, one.Old, reader)
		must("prove tree", err)
		same("consistency", ours, theirs)
		must("check tree", tlog.CheckTree(ours, e.Size, root, one.Old, hash(one.Root)))
	}
	fmt.Printf("ok: size %d, %d inclusion, %d consistency\n", e.Size, len(e.Inclusion), len(e.Consistency))
}
