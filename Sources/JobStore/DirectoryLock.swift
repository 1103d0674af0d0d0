import Foundation

/// Keeps other processes out of a directory. The system ends it with the process, however that ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// - Returns: nil if another process has locked the directory.
    /// - Throws: if the directory cannot be written to.
    init?(directory: URL) throws {
        let path = directory.appending(path: "lock").path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: path])
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    /// Lets others lock the directory. Closing the descriptor would not do while a program that is just being started
    /// has a copy of it.
    func release() {
        flock(descriptor, LOCK_UN)
    }

    deinit {
        release()
        close(descriptor)
    }
}
