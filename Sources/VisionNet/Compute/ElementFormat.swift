/// The number format of a tensor's elements in memory.
enum ElementFormat {
    case float32
    /// The upper 16 bits of a float.
    case bfloat16

    var bytes: Int {
        switch self {
        case .float32: 4
        case .bfloat16: 2
        }
    }
}
