namespace DistTrain.Tensors;

/// <summary>What a recurrent layer computes in a step; <see cref="Recurrent"/> has the formulas.</summary>
public enum RecurrentKind
{
    /// <summary>Elman's: h = tanh(p + q).</summary>
    SimpleTanh,

    /// <summary>h = relu(p + q).</summary>
    SimpleRelu,

    /// <summary>Long short-term memory with forget gate (Gers, Schmidhuber and Cummins 2000), gates i, f, g, o as in Keras and PyTorch.</summary>
    Lstm,

    /// <summary>Gated recurrent unit that resets after the recurrent product: Keras' resetAfter, PyTorch's GRU; gates z, r, n.</summary>
    Gru,

    /// <summary>Gated recurrent unit that resets the state before the recurrent product (Cho et al. 2014, first version).</summary>
    GruResetBefore,
}
