import Synchronization

/// The memory of the service as one budget: uploads, the jobs that run, and results that their clients have not read.
///
/// What is kept only to save time counts, too, but gives way.
package final class MemoryBudget: Sendable {
    /// A part of the budget, until this object is deallocated.
    package final class Share: Sendable {
        private let bytes: Mutex<Int>
        private let budget: MemoryBudget

        fileprivate init(_ bytes: Int, of budget: MemoryBudget) {
            self.bytes = Mutex(bytes)
            self.budget = budget
        }

        /// Takes more.
        ///
        /// - Returns: false if less than this is free.
        package func grow(by more: Int) -> Bool {
            guard budget.reserve(more) else { return false }
            bytes.withLock { $0 += more }
            return true
        }

        /// Gives all but so many bytes back.
        package func shrink(to rest: Int) {
            let freed = bytes.withLock { bytes in
                let freed = max(0, bytes - rest)
                bytes -= freed
                return freed
            }
            budget.free(freed)
        }

        deinit { budget.free(bytes.withLock { $0 }) }
    }

    /// Memory that is kept only to save time, and that no share counts.
    package struct Cache: Sendable {
        /// How much it takes now.
        let bytes: @Sendable () -> Int
        let empty: @Sendable () -> Void

        package init(bytes: @escaping @Sendable () -> Int, empty: @escaping @Sendable () -> Void) {
            (self.bytes, self.empty) = (bytes, empty)
        }
    }

    /// How much there is, in bytes.
    package let capacity: Int
    private let reserved = Mutex(0)
    private let caches = Mutex<[Cache]>([])
    private let onFree = Mutex<[@Sendable () -> Void]>([])

    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Counts a cache from now on, and empties it when its memory is needed.
    package func add(_ cache: Cache) {
        caches.withLock { $0.append(cache) }
    }

    /// Calls `action` whenever memory becomes free, on the thread that frees it, which may hold locks.
    func notify(_ action: @escaping @Sendable () -> Void) {
        onFree.withLock { $0.append(action) }
    }

    /// Takes a part of the budget.
    ///
    /// - Returns: nil if less than this is free.
    package func take(_ bytes: Int) -> Share? {
        reserve(bytes) ? Share(bytes, of: self) : nil
    }

    /// How much is taken now, but for caches.
    package var reservedBytes: Int { reserved.withLock { $0 } }

    /// How much the caches take now.
    package var cachedBytes: Int { caches.withLock { $0 }.reduce(0) { $0 + $1.bytes() } }

    private func reserve(_ bytes: Int) -> Bool {
        if reserve(bytes, beside: cachedBytes) { return true }
        // They are not emptied in vain.
        guard bytes <= capacity - reservedBytes else { return false }
        for cache in caches.withLock({ $0 }) { cache.empty() }
        return reserve(bytes, beside: cachedBytes)
    }

    private func reserve(_ bytes: Int, beside cached: Int) -> Bool {
        reserved.withLock { reserved in
            guard bytes <= capacity - reserved - cached else { return false }
            reserved += bytes
            return true
        }
    }

    private func free(_ bytes: Int) {
        guard bytes > 0 else { return }
        reserved.withLock { $0 -= bytes }
        for action in onFree.withLock({ $0 }) { action() }
    }
}
