import Synchronization

/// Limits the memory of all uploads together, from the arrival of their bytes to the ends of their jobs.
///
/// Bytes count when they arrive, not when they are announced: else a few clients that announce much and send nothing
/// would keep out all others.
package final class UploadMemory: Sendable {
    /// The memory of one upload, until this object is deallocated.
    package final class Reservation: Sendable {
        private let bytes = Mutex(0)
        private let memory: UploadMemory
        /// Its part of the service's memory.
        private let share: MemoryBudget.Share

        fileprivate init(of memory: UploadMemory, share: MemoryBudget.Share) {
            (self.memory, self.share) = (memory, share)
        }

        /// Takes memory for more bytes.
        ///
        /// - Returns: false if less than this is free.
        package func take(_ count: Int) -> Bool {
            guard memory.take(count) else { return false }
            guard share.grow(by: count) else {
                memory.free(count)
                return false
            }
            let total = bytes.withLock { bytes in
                bytes += count
                return bytes
            }
            // A body is put together from its pieces at its end, which takes as much again.
            return Memory.isAvailable(total)
        }

        /// Sets so much more memory aside, as decoding an upload takes for a moment.
        ///
        /// - Throws: a `Problem` if less than this is free.
        func more(_ bytes: Int) throws(Problem) -> MemoryBudget.Share {
            guard let share = memory.budget.take(bytes), Memory.isAvailable(bytes) else {
                throw .memoryFull(retryAfterSeconds: 1)
            }
            return share
        }

        deinit {
            memory.free(bytes.withLock { $0 })
        }
    }

    private let state: Mutex<(capacity: Int, used: Int)>
    private let budget: MemoryBudget

    /// - Parameters:
    ///   - capacity: how much memory can be reserved in total, in bytes.
    ///   - budget: where it is taken.
    package init(capacity: Int, of budget: MemoryBudget = MemoryBudget(capacity: .max)) {
        state = Mutex((capacity, 0))
        self.budget = budget
    }

    /// Changes how much memory can be reserved in total. What is reserved already stays reserved.
    package func setCapacity(_ bytes: Int) {
        state.withLock { $0.capacity = bytes }
    }

    /// Begins an upload.
    ///
    /// - Parameter announced: how many bytes will come; nil if that is not known.
    /// - Returns: nil if there is no room for them now.
    package func begin(announced: UInt64?) -> Reservation? {
        let isFree = state.withLock { $0.used < $0.capacity && announced ?? 0 <= UInt64($0.capacity - $0.used) }
        guard isFree, let share = budget.take(0) else { return nil }
        return Reservation(of: self, share: share)
    }

    private func take(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard bytes <= state.capacity - state.used else { return false }
            state.used += bytes
            return true
        }
    }

    private func free(_ bytes: Int) { state.withLock { $0.used -= bytes } }

    /// How many bytes are reserved now.
    package var usedBytes: Int { state.withLock { $0.used } }
}
