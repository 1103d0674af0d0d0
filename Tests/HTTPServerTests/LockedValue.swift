import Synchronization

/// A value that the server's thread sets and the test reads.
final class LockedValue<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value { value.withLock { $0 } }
    func update(_ change: (inout Value) -> Void) {
        value.withLock { value in
            var copy = value
            change(&copy)
            value = copy
        }
    }
}
