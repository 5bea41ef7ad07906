package realservers

import "syscall"

// endWithParent makes the kernel end the child when this process ends in any way.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
