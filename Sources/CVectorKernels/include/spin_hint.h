// Tells the CPU that a thread is waiting in a loop. Swift has no API for it.
#pragma once

static inline void vk_spin_hint(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
