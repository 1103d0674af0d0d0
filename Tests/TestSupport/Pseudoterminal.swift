import Foundation
import Glibc

/// A terminal for a program that a test runs: what the program writes to `inside` can be read from `outside`.
struct Pseudoterminal {
    let outside: FileHandle
    let inside: FileHandle

    struct Unavailable: Error, CustomStringConvertible {
        let description = "cannot open a pseudoterminal: \(String(cString: strerror(errno)))"
    }

    // Linux's requests to unlock the inner side and to get its number, which Swift does not import.
    private static let setLock: UInt = 0x4004_5431  // TIOCSPTLCK
    private static let getNumber: UInt = 0x8004_5430  // TIOCGPTN

    init() throws {
        let outer = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard outer >= 0 else { throw Unavailable() }
        outside = FileHandle(fileDescriptor: outer, closeOnDealloc: true)
        var (lock, number) = (Int32(0), UInt32(0))
        guard ioctl(outer, Self.setLock, &lock) == 0, ioctl(outer, Self.getNumber, &number) == 0 else {
            throw Unavailable()
        }
        let inner = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard inner >= 0 else { throw Unavailable() }
        inside = FileHandle(fileDescriptor: inner, closeOnDealloc: true)
    }
}
