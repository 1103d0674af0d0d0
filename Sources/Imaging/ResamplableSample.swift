/// A type of number that pictures are made of.
protocol ResamplableSample {
    var floatValue: Float { get }
    init(resampled value: Float)
}

extension Float: ResamplableSample {
    var floatValue: Float { self }
    init(resampled value: Float) { self = value }
}

extension UInt8: ResamplableSample {
    var floatValue: Float { Float(self) }
    init(resampled value: Float) { self.init(clampingRounded: value) }
}
