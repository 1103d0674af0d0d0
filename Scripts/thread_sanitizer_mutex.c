// Shows ThreadSanitizer the contended path of Swift's Mutex; `make test-tsan` links it into the tests.
//
// On Linux a Mutex that is contended is locked and unlocked by the kernel (FUTEX_LOCK_PI), called by the library
// Synchronization, which is not built with the sanitizer. It would miss that one thread's unlocking happens before
// another's locking, and report every value under a Mutex as a race. These functions stand in for the library's, tell
// the sanitizer, and call the library's:
// https://github.com/swiftlang/swift/blob/main/stdlib/public/Synchronization/Mutex/LinuxImpl.swift
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

typedef SWIFT void lock_function(uint32_t thread, SELF void *mutex);
typedef SWIFT void unlock_function(SELF void *mutex);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK_SLOW);

void __tsan_acquire(void *address);
void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
    lock_function *const lock = (lock_function *)dlsym(RTLD_NEXT, LOCK_SLOW);
    lock(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) {
    unlock_function *const unlock = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    __tsan_release(mutex);
    unlock(mutex);
}
