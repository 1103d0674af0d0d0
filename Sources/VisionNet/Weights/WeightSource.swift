/// Where a network's tensors come from: a file, the embedded model, or a test's generator.
public protocol WeightSource: Sendable {
    /// Checks that there is a tensor of this name and shape, without reading it.
    ///
    /// - Throws: `ModelError` where the tensor is missing or has another shape.
    func check(_ name: String, shape: [Int]) throws

    /// The tensor of this name as float32 in row-major order.
    ///
    /// - Parameters:
    ///   - tensor: as in the network's description, for example `mixed0.branch1x1.kernel`.
    ///   - shape: what the network needs; a kernel is `[height, width, inputs, outputs]` (HWIO).
    /// - Throws: `ModelError` where the tensor is missing or has another shape.
    func tensor(named tensor: String, shape: [Int]) throws -> [Float]

    /// Whether there is a tensor of this name (a BatchNorm's `gamma` is optional).
    func contains(_ name: String) -> Bool
}
