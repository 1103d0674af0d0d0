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

        fileprivate init(of memory: UploadMemory) {
            self.memory = memory
        }

        /// Takes memory for more bytes.
        ///
        /// - Returns: false if less than this is free.
        package func take(_ count: Int) -> Bool {
            guard memory.take(count) else { return false }
            bytes.withLock { $0 += count }
            return true
        }

        deinit {
            let count = bytes.withLock { $0 }
            memory.state.withLock { $0.used -= count }
        }
    }

    private let state: Mutex<(capacity: Int, used: Int)>

    /// - Parameter capacity: how much memory can be reserved in total, in bytes.
    package init(capacity: Int) {
        state = Mutex((capacity, 0))
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
        return isFree ? Reservation(of: self) : nil
    }

    private func take(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard bytes <= state.capacity - state.used else { return false }
            state.used += bytes
            return true
        }
    }

    /// How many bytes are reserved now.
    package var usedBytes: Int { state.withLock { $0.used } }
}
