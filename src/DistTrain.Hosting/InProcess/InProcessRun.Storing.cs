using DistTrain.Protocol;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <content>What machines ask of the store.</content>
internal sealed partial class InProcessRun
{
    private void Load(MachineHost host, LoadBlocks load)
    {
        try
        {
            foreach (BlockId id in load.Blocks)
            {
                (BlockBuffer weights, BlockBuffer slots) = store.Load(load.Version, plan[id], pool);
                host.Post(new BlockLoaded(load.Epoch, id, weights, slots), weights, slots);
            }
        }
        catch (Exception exception)
        {
            // Whatever is wrong with it, an older one may be sound: the coordinator decides.
            string reason = exception is UserError ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
            host.Post(new LoadFailed(load.Epoch, load.Version, reason));
        }
    }

    /// <summary>On a thread of its own, after what was asked for before: no step of training waits for a disk.</summary>
    private void InOrder(Action work)
    {
        lock (storingGate)
        {
            storing = storing.ContinueWith(_ => work(), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Write(MachineHost coordinator, CommitManifest manifest, StoredVersion? version)
    {
        try
        {
            store.Write(version ?? throw new IOException("its run epoch has ended"));
            coordinator.Post(new ManifestCommitted(manifest.Epoch, manifest.Version));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            coordinator.Post(new ManifestFailed(manifest.Epoch, manifest.Version, exception.Message));
        }
        catch (Exception exception)
        {
            Fault(exception);
        }
    }
}
