using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DistTrain.Hosting;

/// <summary>Cores that processes are bound to.</summary>
/// <remarks>
/// On Linux a process inherits the cores of the thread that starts it, so it is started on a thread of its own: bound afterwards, its
/// runtime would have counted all cores already, and started threads on them. On Windows it is bound once it is started; elsewhere not at all.
/// </remarks>
internal static partial class Cores
{
    /// <summary>Bytes of a set: 8192 cores.</summary>
    private const int SetBytes = 1024;

    /// <summary>Those that this process may use, ascending; empty where that is not known, or where it may use only part of their time.</summary>
    public static IReadOnlyList<int> Allowed()
    {
        byte[] set = new byte[SetBytes];
        if (OperatingSystem.IsLinux())
        {
            if (GetAffinity(0, SetBytes, set) != 0)
            {
                return [];
            }
        }
        else if (OperatingSystem.IsWindows())
        {
            using var self = Process.GetCurrentProcess();
            BitConverter.TryWriteBytes(set, (long)self.ProcessorAffinity);
        }

        List<int> cores = [.. Enumerable.Range(0, SetBytes * 8).Where(core => (set[core / 8] & (1 << (core % 8))) != 0)];

        // A container with a share of the processor's time counts fewer: its threads had better wander.
        return cores.Count == Environment.ProcessorCount ? cores : [];
    }

    /// <summary>The cores of one of several processes that compute: an equal part, in order; null where there are too few to give each its own.</summary>
    /// <param name="allowed">To be shared out.</param>
    /// <param name="place">Which process.</param>
    /// <param name="processes">How many there are.</param>
    /// <param name="threads">Of each.</param>
    public static IReadOnlyList<int>? PartOf(IReadOnlyList<int> allowed, int place, int processes, int threads) =>
        processes < 2 || (long)processes * threads > allowed.Count
            ? null
            : [.. allowed.Skip(allowed.Count / processes * place).Take(allowed.Count / processes)];

    /// <summary>Starts a process on these cores; null: on all.</summary>
    public static Process? Start(ProcessStartInfo start, IReadOnlyList<int>? cores)
    {
        if (cores is null || !OperatingSystem.IsLinux())
        {
            Process? started = Process.Start(start);
            if (cores is not null && started is not null && OperatingSystem.IsWindows() && cores.All(core => core < 64))
            {
                started.ProcessorAffinity = (nint)cores.Aggregate(0L, (set, core) => set | (1L << core));
            }

            return started;
        }

        Process? process = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            byte[] set = new byte[SetBytes];
            foreach (int core in cores)
            {
                set[core / 8] |= (byte)(1 << (core % 8));
            }

            try
            {
                // Refused, the process runs on all cores.
                _ = SetAffinity(0, SetBytes, set);
                process = Process.Start(start);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? process : throw failure;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetAffinity(int thread, nint setBytes, [Out] byte[] set);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAffinity(int thread, nint setBytes, [In] byte[] set);
}
