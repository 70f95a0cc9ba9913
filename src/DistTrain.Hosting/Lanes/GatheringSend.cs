using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistTrain.Hosting;

/// <summary>
/// One system call for a head and the floats behind it. Sent one after the other, the head wakes the receiver, who finds nothing more
/// and sleeps again: three times the thread switches, and half the speed at 64 KiB frames over Unix sockets. Sockets of .NET gather
/// only arrays of bytes, and floats lie in arrays of floats; where there is no writev, two calls do.
/// </summary>
internal static partial class GatheringSend
{
    private const int NothingSent = -1;
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>Whether this system has it.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>Sends what the socket takes at once of both; 0: nothing now; null: an error that a plain send will tell.</summary>
    public static unsafe int? TrySend(Socket socket, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* one = first, two = second)
        {
            Part* parts = stackalloc Part[] { new(one, first.Length), new(two, second.Length) };
            nint sent = WriteV(socket.SafeHandle, parts, 2);
            return sent != NothingSent ? (int)sent
                : Marshal.GetLastPInvokeError() == WouldBlock ? 0
                : null;
        }
    }

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint WriteV(SafeSocketHandle socket, Part* parts, int count);

    /// <summary>struct iovec.</summary>
    private readonly unsafe struct Part(byte* start, nint bytes)
    {
        public readonly byte* Start = start;
        public readonly nint Bytes = bytes;
    }
}
