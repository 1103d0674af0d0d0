import Synchronization

/// Limits the memory of all uploads together, from the arrival of their heads to the ends of their jobs.
package final class UploadMemory: Sendable {
    /// Memory that is set aside for one upload until this object is deallocated.
    package final class Reservation: Sendable {
        private let bytes: Int
        private let memory: UploadMemory

        fileprivate init(bytes: Int, of memory: UploadMemory) {
            self.bytes = bytes
            self.memory = memory
        }

        deinit {
            memory.state.withLock { $0.used -= bytes }
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

    /// Sets memory aside for one upload.
    ///
    /// - Returns: nil if less than this is free.
    package func reserve(bytes: Int) -> Reservation? {
        let isFree = state.withLock { state in
            guard bytes <= state.capacity - state.used else { return false }
            state.used += bytes
            return true
        }
        return isFree ? Reservation(bytes: bytes, of: self) : nil
    }

    /// How many bytes are reserved now.
    package var usedBytes: Int { state.withLock { $0.used } }
}
