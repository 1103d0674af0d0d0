/// InceptionV3 without its classifier: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
/// 2015 (arXiv:1512.00567), as `keras.applications.InceptionV3` builds it.
///
/// Layers are named as in Keras (`mixed0` … `mixed10`), convolutions as in TF-Slim and torchvision. The convolutions
/// are in the order in which Keras creates them.
///
/// torchvision's differs in one thing: its average pools count the zeros around their input. Its weights were trained
/// so, and take pictures in [-1, 1], too.
private struct InceptionV3 {
    let poolsCountPadding: Bool

    var body: [Operation] { Self.stem + blocks35 + [Self.reduction17] + blocks17 }
    /// The blocks that `Width.tailFactor` scales.
    var tail: [Operation] { [Self.reduction8] + blocks8 }

    private var averagePool: Operation { .averagePool(window: 3, countsPadding: poolsCountPadding) }

    private static let stem: [Operation] = [
        .convolution("Conv2d_1a_3x3", 32, kernel: 3, stride: 2, padding: .valid),
        .convolution("Conv2d_2a_3x3", 32, kernel: 3, padding: .valid),
        .convolution("Conv2d_2b_3x3", 64, kernel: 3),
        .maxPool(window: 3, stride: 2),
        .convolution("Conv2d_3b_1x1", 80, kernel: 1, padding: .valid),
        .convolution("Conv2d_4a_3x3", 192, kernel: 3, padding: .valid),
        .maxPool(window: 3, stride: 2),
    ]

    /// The three blocks on the 35×35 grid of a 299×299 input.
    private var blocks35: [Operation] {
        [32, 64, 64].enumerated().map { index, pooled in
            .block(
                "mixed\(index)",
                [.convolution("branch1x1", 64, kernel: 1)],
                [
                    .convolution("branch5x5_1", 48, kernel: 1),
                    .convolution("branch5x5_2", 64, kernel: 5),
                ],
                [
                    .convolution("branch3x3dbl_1", 64, kernel: 1),
                    .convolution("branch3x3dbl_2", 96, kernel: 3),
                    .convolution("branch3x3dbl_3", 96, kernel: 3),
                ],
                [averagePool, .convolution("branch_pool", pooled, kernel: 1)])
        }
    }

    private static let reduction17: Operation = .block(
        "mixed3",
        [.convolution("branch3x3", 384, kernel: 3, stride: 2, padding: .valid)],
        [
            .convolution("branch3x3dbl_1", 64, kernel: 1),
            .convolution("branch3x3dbl_2", 96, kernel: 3),
            .convolution("branch3x3dbl_3", 96, kernel: 3, stride: 2, padding: .valid),
        ],
        [.maxPool(window: 3, stride: 2)])

    /// The four blocks of factorised 7×7 convolutions on the 17×17 grid.
    private var blocks17: [Operation] {
        [128, 160, 160, 192].enumerated().map { index, inner in
            .block(
                "mixed\(index + 4)",
                [.convolution("branch1x1", 192, kernel: 1)],
                [
                    .convolution("branch7x7_1", inner, kernel: 1),
                    .convolution("branch7x7_2", inner, kernel: Kernel(1, by: 7)),
                    .convolution("branch7x7_3", 192, kernel: Kernel(7, by: 1)),
                ],
                [
                    .convolution("branch7x7dbl_1", inner, kernel: 1),
                    .convolution("branch7x7dbl_2", inner, kernel: Kernel(7, by: 1)),
                    .convolution("branch7x7dbl_3", inner, kernel: Kernel(1, by: 7)),
                    .convolution("branch7x7dbl_4", inner, kernel: Kernel(7, by: 1)),
                    .convolution("branch7x7dbl_5", 192, kernel: Kernel(1, by: 7)),
                ],
                [averagePool, .convolution("branch_pool", 192, kernel: 1)])
        }
    }

    private static let reduction8: Operation = .block(
        "mixed8",
        [
            .convolution("branch3x3_1", 192, kernel: 1),
            .convolution("branch3x3_2", 320, kernel: 3, stride: 2, padding: .valid),
        ],
        [
            .convolution("branch7x7x3_1", 192, kernel: 1),
            .convolution("branch7x7x3_2", 192, kernel: Kernel(1, by: 7)),
            .convolution("branch7x7x3_3", 192, kernel: Kernel(7, by: 1)),
            .convolution("branch7x7x3_4", 192, kernel: 3, stride: 2, padding: .valid),
        ],
        [.maxPool(window: 3, stride: 2)])

    /// The two blocks with split branches on the 8×8 grid.
    private var blocks8: [Operation] {
        [9, 10].map { index in
            .block(
                "mixed\(index)",
                [.convolution("branch1x1", 320, kernel: 1)],
                [
                    .convolution("branch3x3_1", 384, kernel: 1),
                    .concatenation(
                        nil,
                        [
                            [.convolution("branch3x3_2a", 384, kernel: Kernel(1, by: 3))],
                            [.convolution("branch3x3_2b", 384, kernel: Kernel(3, by: 1))],
                        ]),
                ],
                [
                    .convolution("branch3x3dbl_1", 448, kernel: 1),
                    .convolution("branch3x3dbl_2", 384, kernel: 3),
                    .concatenation(
                        nil,
                        [
                            [.convolution("branch3x3dbl_3a", 384, kernel: Kernel(1, by: 3))],
                            [.convolution("branch3x3dbl_3b", 384, kernel: Kernel(3, by: 1))],
                        ]),
                ],
                [averagePool, .convolution("branch_pool", 192, kernel: 1)])
        }
    }
}

extension InceptionV3 {
    /// torchvision's names of the blocks, by the layers' names.
    private static let pyTorchBlocks = [
        "mixed0": "Mixed_5b", "mixed1": "Mixed_5c", "mixed2": "Mixed_5d", "mixed3": "Mixed_6a", "mixed4": "Mixed_6b",
        "mixed5": "Mixed_6c", "mixed6": "Mixed_6d", "mixed7": "Mixed_6e", "mixed8": "Mixed_7a", "mixed9": "Mixed_7b",
        "mixed10": "Mixed_7c",
    ]

    /// Such as `Mixed_5b.branch1x1.conv.weight`.
    @Sendable static func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        if convolution.name == "logits" { return PyTorchNames(convolution: "fc", normalization: nil) }
        let parts = convolution.name.split(separator: ".").map(String.init)
        let module = parts.map { pyTorchBlocks[$0] ?? $0 }.joined(separator: ".")
        return PyTorchNames(convolution: "\(module).conv", normalization: "\(module).bn")
    }
}

extension Network {
    private static let keras = InceptionV3(poolsCountPadding: false)
    public static let inceptionV3 = Network(
        name: "inception_v3", epsilon: 1e-3, smallestSide: 75, body: keras.body, tail: keras.tail)

    private static let torchvision = InceptionV3(poolsCountPadding: true)
    public static let inceptionV3OfTorchvision = Network(
        name: "inception_v3_torchvision", epsilon: 1e-3, smallestSide: 75, body: torchvision.body,
        tail: torchvision.tail + [
            .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
        ],
        channelNames: ["logits": ImageNet.labels], pyTorchNames: InceptionV3.pyTorchNames,
        // The auxiliary classifier, which only helps in training.
        unusedPyTorchTensors: ["AuxLogits."])
}
