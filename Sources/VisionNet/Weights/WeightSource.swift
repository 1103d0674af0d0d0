/// Where a network's tensors come from: a file, the embedded model, or a test's generator.
public protocol WeightSource: Sendable {
    /// Checks, without reading it, that a tensor of this name and shape exists.
    ///
    /// - Throws: `ModelError` if the tensor is missing or has another shape.
    func check(_ name: String, shape: [Int]) throws

    /// The tensor of this name as float32 in row-major order.
    ///
    /// - Parameters:
    ///   - name: the name in the network's description, such as `mixed0.branch1x1.kernel`.
    ///   - shape: the shape that the network needs; a kernel is `[height, width, inputs, outputs]` (HWIO).
    /// - Throws: `ModelError` if the tensor is missing or has another shape.
    func tensor(named name: String, shape: [Int]) throws -> [Float]

    /// Whether a tensor of this name exists (a BatchNorm's `gamma` is optional).
    func contains(_ name: String) -> Bool
}
