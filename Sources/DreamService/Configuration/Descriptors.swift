import Glibc
import HTTPServer

/// The file descriptors of this process.
enum Descriptors {
    /// Allows as many as the system lets this process allow itself.
    static func raiseLimit() {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
        limits.rlim_cur = limits.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }

    /// How many connections there can be at once, beside the files that are open now, some that are opened for a
    /// moment, and connections that are being closed. Where descriptors run out, nobody can connect, not even health
    /// checks.
    static var connections: Int {
        let usage = ProcessUsage()
        return max(1, usage.maximumDescriptors - (usage.openDescriptors ?? 0) - reserve)
    }

    private static let reserve = 8 + HTTPServerConfiguration.closingConnections
}
