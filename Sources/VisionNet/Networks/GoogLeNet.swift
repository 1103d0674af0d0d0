/// GoogLeNet: Szegedy et al., "Going Deeper with Convolutions", 2014 (arXiv:1409.4842), as torchvision builds it: with
/// BatchNorm, without local response normalisation, and with windows of 3×3 where the paper has 5×5. Its published
/// weights come from TensorFlow and take pictures in [-1, 1].
///
/// Layers are `inception3a` to `inception5b` and `logits`.
private enum GoogLeNet {
    /// The channels of an inception module: a line of the paper's table 1.
    struct Module {
        let name: String
        let direct: Int
        let narrow3, wide3: Int
        /// The branch that the paper calls 5×5.
        let narrow5, wide5: Int
        let pooled: Int

        init(_ name: String, _ direct: Int, _ three: (Int, Int), _ five: (Int, Int), _ pooled: Int) {
            (self.name, self.direct, self.pooled) = ("inception\(name)", direct, pooled)
            (narrow3, wide3) = three
            (narrow5, wide5) = five
        }

        var operation: Operation {
            .block(
                name,
                [.convolution("branch1", direct, kernel: 1)],
                [
                    .convolution("branch2.0", narrow3, kernel: 1),
                    .convolution("branch2.1", wide3, kernel: 3, padding: .symmetric(1)),
                ],
                [
                    .convolution("branch3.0", narrow5, kernel: 1),
                    .convolution("branch3.1", wide5, kernel: 3, padding: .symmetric(1)),
                ],
                [
                    .maxPool(window: 3, stride: 1, padding: .roundedUp(1)),
                    .convolution("branch4.1", pooled, kernel: 1),
                ])
        }
    }

    private static let stem: [Operation] = [
        .convolution("conv1", 64, kernel: 7, stride: 2, padding: .symmetric(3)),
        .maxPool(window: 3, stride: 2, padding: .roundedUp(0)),
        .convolution("conv2", 64, kernel: 1),
        .convolution("conv3", 192, kernel: 3, padding: .symmetric(1)),
        .maxPool(window: 3, stride: 2, padding: .roundedUp(0)),
    ]

    private static let modules3 = [
        Module("3a", 64, (96, 128), (16, 32), 32), Module("3b", 128, (128, 192), (32, 96), 64),
    ]
    private static let modules4 = [
        Module("4a", 192, (96, 208), (16, 48), 64), Module("4b", 160, (112, 224), (24, 64), 64),
        Module("4c", 128, (128, 256), (24, 64), 64), Module("4d", 112, (144, 288), (32, 64), 64),
        Module("4e", 256, (160, 320), (32, 128), 128),
    ]
    private static let modules5 = [
        Module("5a", 256, (160, 320), (32, 128), 128), Module("5b", 384, (192, 384), (48, 128), 128),
    ]

    static var body: [Operation] {
        var operations = stem + modules3.map(\.operation)
        operations.append(.maxPool(window: 3, stride: 2, padding: .roundedUp(0)))
        operations += modules4.map(\.operation)
        operations.append(.maxPool(window: 2, stride: 2, padding: .roundedUp(0)))
        operations += modules5.map(\.operation)
        return operations + [
            .convolution("logits", 1000, kernel: 1, offset: .bias, activation: .none), .layer("logits"),
        ]
    }

    /// Such as `inception3a.branch2.0.conv.weight`.
    @Sendable static func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        convolution.name == "logits"
            ? PyTorchNames(convolution: "fc", normalization: nil)
            : PyTorchNames(convolution: "\(convolution.name).conv", normalization: "\(convolution.name).bn")
    }
}

extension Network {
    public static let googLeNet = Network(
        name: "googlenet", epsilon: 1e-3, smallestSide: 32, body: GoogLeNet.body,
        channelNames: ["logits": ImageNet.labels],
        recommendedRecipe: "layers=inception3a,inception4e,inception5b&steps=22&step_size=0.061&octaves=4"
            + "&octave_scale=1.8&jitter=26&bands=0,1,4",
        pyTorchNames: GoogLeNet.pyTorchNames,
        // The auxiliary classifiers, which only help in training.
        unusedPyTorchTensors: ["aux1.", "aux2."])
}
