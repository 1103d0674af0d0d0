import Dispatch

/// How long tests wait for something that should happen at once.
///
/// The limit only ends tests that would fail anyway, so it is long enough for slow and busy machines.
package enum WaitLimit {
    /// In seconds.
    package static let seconds = 120

    /// The time at which a wait that begins now ends.
    package static var deadline: DispatchTime { .now() + .seconds(seconds) }

    /// Thrown by waits that took longer than the limit.
    package struct Exceeded: Error, CustomStringConvertible {
        package let description: String

        /// - Parameter event: what the test waited for.
        package init(_ event: String) {
            description = "waited \(WaitLimit.seconds) s in vain for \(event)"
        }
    }
}
