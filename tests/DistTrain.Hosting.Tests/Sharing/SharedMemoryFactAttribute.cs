
namespace DistTrain.Hosting.Tests;

/// <summary>A fact about memory that processes share, which this project has on Linux alone.</summary>
internal sealed class SharedMemoryFactAttribute : FactAttribute
{
    public SharedMemoryFactAttribute()
    {
        if (!SharedRegion.IsSupported)
        {
            Skip = "This system has no memfd_create.";
        }
    }
}
