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
            memory.used.withLock { $0 -= bytes }
        }
    }

    private let capacity: Int
    private let used = Mutex(0)

    /// - Parameter capacity: how much memory can be reserved in total, in bytes.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Sets memory aside for one upload.
    ///
    /// - Returns: nil if less than this is free.
    package func reserve(bytes: Int) -> Reservation? {
        let isFree = used.withLock { used in
            guard bytes <= capacity - used else { return false }
            used += bytes
            return true
        }
        return isFree ? Reservation(bytes: bytes, of: self) : nil
    }

    /// How many bytes are reserved now.
    package var usedBytes: Int { used.withLock { $0 } }
}
