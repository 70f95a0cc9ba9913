using System.Runtime.Intrinsics;

namespace DistTrain.Tensors;

/// <summary>Runs the parts of a kernel on a pool, in the width of the calling thread.</summary>
internal static unsafe class LaneKernels
{
    /// <summary>With the widest lanes there are: for kernels whose elements are chains of their own.</summary>
    public static void Run<TKernel>(ForkJoinPool pool, int parts, TKernel kernel)
        where TKernel : unmanaged, ILaneKernel
    {
        var call = new Call<TKernel> { Kernel = kernel, Width = Lanes.Width };
        pool.Run(parts, &Part<TKernel>, &call);
    }

    /// <summary>With 16 lanes in every width: for sums in the 16-lane order.</summary>
    public static void RunSixteen<TKernel>(ForkJoinPool pool, int parts, TKernel kernel)
        where TKernel : unmanaged, ILaneKernel
    {
        var call = new Call<TKernel> { Kernel = kernel, Width = Lanes.Width };
        pool.Run(parts, &SixteenPart<TKernel>, &call);
    }

    private static void Part<TKernel>(void* context, int part)
        where TKernel : unmanaged, ILaneKernel
    {
        var call = (Call<TKernel>*)context;
        switch (call->Width)
        {
            case 16:
                call->Kernel.Run<Lane512, Vector512<float>>(part);
                break;
            case 8:
                call->Kernel.Run<Lane256, Vector256<float>>(part);
                break;
            case 4:
                call->Kernel.Run<Lane128, Vector128<float>>(part);
                break;
            default:
                call->Kernel.Run<ScalarLane, float>(part);
                break;
        }
    }

    private static void SixteenPart<TKernel>(void* context, int part)
        where TKernel : unmanaged, ILaneKernel
    {
        var call = (Call<TKernel>*)context;
        switch (call->Width)
        {
            case 16:
                call->Kernel.Run<Lane512, Vector512<float>>(part);
                break;
            case 8:
                call->Kernel.Run<DoubleLane<Lane256, Vector256<float>>, Pair<Vector256<float>>>(part);
                break;
            default:
                call->Kernel.Run<DoubleLane<DoubleLane<Lane128, Vector128<float>>, Pair<Vector128<float>>>, Pair<Pair<Vector128<float>>>>(part);
                break;
        }
    }

    private struct Call<TKernel>
        where TKernel : unmanaged, ILaneKernel
    {
        public TKernel Kernel;
        public int Width;
    }
}
