import Synchronization

/// Bounds the memory of all uploads together: those that arrive, those that wait and those that are worked on.
package final class UploadMemory: Sendable {
    /// Bytes set aside for one upload, until nothing holds it any more.
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

    /// - Parameter capacity: in bytes.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Sets bytes aside; nil where fewer are free.
    package func reserve(bytes: Int) -> Reservation? {
        let isFree = used.withLock { used in
            guard bytes <= capacity - used else { return false }
            used += bytes
            return true
        }
        return isFree ? Reservation(bytes: bytes, of: self) : nil
    }

    /// Bytes set aside now.
    package var usedBytes: Int { used.withLock { $0 } }
}
