// Package pseudonym makes what a mask puts in a value's place when the mask needs a key: pseudonyms, which encrypt the value so that equal
// values stay equal and a role that may can have them back (AES-SIV, RFC 5297), and hashes and fakes, from which nothing comes back.
//
// A Keyring holds the keys of all domains. Everything that is made in one domain under one key depends on nothing but the text, so that the
// same e-mail address gives the same pseudonym wherever it is stored; in another domain it gives another one. A ring never changes: a reload
// makes a new one, and a statement keeps the one with which it began.
//
// What must hold: keys and values appear in no error, no log and no printed value of these types. Two texts never have the same pseudonym in
// one domain under one key. A token is read only if it is, byte for byte, what the ring would write: any change makes it no token. A text that
// a fake can't be made of is never passed through.
//
// AES-SIV is written here on crypto/aes, because the libraries that offer it set up their ciphers anew for each value; see docs/dependencies.md.
// Tests hold it to the vectors of the RFC and, by fuzzing, to Tink's.
package pseudonym
