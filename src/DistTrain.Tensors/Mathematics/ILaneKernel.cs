namespace DistTrain.Tensors;

/// <summary>A part of a kernel's work, written once for all vector widths. Unmanaged, so that a call allocates nothing.</summary>
internal interface ILaneKernel
{
    void Run<L, V>(int part)
        where L : struct, ILane<V>
        where V : struct;
}
