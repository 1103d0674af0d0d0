/// The memory of a plan: the input and its gradient, which keep their place, and an arena for everything else.
struct PlanMemory {
    let inputs: AlignedBuffer
    let gradients: AlignedBuffer
    let arena: AlignedBuffer

    var input: UnsafeMutablePointer<Float> { inputs.floats }
    var inputGradient: UnsafeMutablePointer<Float> { gradients.floats }
}
