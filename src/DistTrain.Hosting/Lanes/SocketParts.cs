using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DistTrain.Hosting;

/// <summary>
/// One system call for a head and the floats next to it (docs/lanes.md has what that is worth). Sent one after the other, the head wakes
/// the receiver, who finds nothing more and sleeps again; received one after the other, a run takes two calls. Sockets of .NET take only
/// lists of byte arrays, and floats lie in arrays of floats; where there is no writev and readv, two calls do.
/// </summary>
internal static partial class SocketParts
{
    private const int Failed = -1;
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
            return sent != Failed ? (int)sent : NothingNow();
        }
    }

    /// <summary>Receives what has arrived, the second behind a full first; 0: nothing now; null: the end or an error, which a plain receive will tell.</summary>
    public static unsafe int? TryReceive(Socket socket, Span<byte> first, Span<byte> second)
    {
        fixed (byte* one = first, two = second)
        {
            Part* parts = stackalloc Part[] { new(one, first.Length), new(two, second.Length) };
            nint received = ReadV(socket.SafeHandle, parts, 2);
            return received > 0 ? (int)received : received == Failed ? NothingNow() : null;
        }
    }

    private static int? NothingNow() => Marshal.GetLastPInvokeError() == WouldBlock ? 0 : null;

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint WriteV(SafeSocketHandle socket, Part* parts, int count);

    [LibraryImport("libc", EntryPoint = "readv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint ReadV(SafeSocketHandle socket, Part* parts, int count);

    /// <summary>struct iovec.</summary>
    private readonly unsafe struct Part(byte* start, nint bytes)
    {
        public readonly byte* Start = start;
        public readonly nint Bytes = bytes;
    }
}
