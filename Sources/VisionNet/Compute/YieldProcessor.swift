import Glibc

/// Lets other threads use the processor.
func yieldProcessor() {
    sched_yield()
}
