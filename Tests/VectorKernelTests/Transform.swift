import CVectorKernels
import CWideKernels
import Testing

/// F(tile, kernel) in one direction.
struct Transform: Sendable, CustomTestStringConvertible {
    let tile, kernel: Int
    var testDescription: String { "F(\(tile), \(kernel))" }
    var size: Int { tile + kernel - 1 }
    /// How much it enlarges the errors of its products.
    var errorGrowth: Double { transform_error_growth(Int32(tile), Int32(kernel)) }

    static let none = Transform(tile: 1, kernel: 1)

    static let all: [Transform] = (0..<144).map { Transform(tile: $0 / 12, kernel: $0 % 12) }
        .filter { vk_winograd_supports(Int32($0.tile), Int32($0.kernel)) != 0 }
}
