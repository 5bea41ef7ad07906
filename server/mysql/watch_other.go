//go:build !linux

package mysql

import "syscall"

// hungUp looks at the next byte without taking it. It can't see a close behind data that the client sent ahead.
func hungUp(fd uintptr) bool {
	var b [1]byte
	n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return n == 0 && err == nil
}
