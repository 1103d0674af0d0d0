/// The memory of a plan: the input and its gradient, which stay, and an arena in which all else comes and goes.
struct PlanMemory {
    let inputs: AlignedBuffer
    let gradients: AlignedBuffer
    let arena: AlignedBuffer

    var input: UnsafeMutablePointer<Float> { inputs.floats }
    var inputGradient: UnsafeMutablePointer<Float> { gradients.floats }
}
