import Foundation

/// A terminal for a program that a test runs: what the program writes to `inside` can be read from `outside`.
struct Pseudoterminal {
    let outside: FileHandle
    let inside: FileHandle

    struct Unavailable: Error, CustomStringConvertible {
        let description = "cannot open a pseudoterminal: \(String(cString: strerror(errno)))"
    }

    init() throws {
        let master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard master >= 0 else { throw Unavailable() }
        outside = FileHandle(fileDescriptor: master, closeOnDealloc: true)
        guard grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else { throw Unavailable() }
        let slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { throw Unavailable() }
        inside = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    }
}
