using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace DistTrain.Hosting;

/// <summary>
/// Memory that other processes of the same user and host can map too: a file without a name (memfd_create(2)), of a fixed length, so that
/// nobody who reads it can be made to read beyond its end. It goes with the last process that has it open, however that one ends.
/// </summary>
/// <remarks>
/// Others open it as /proc/PID/fd/N, which needs no name that could clash or be left over. Its first bytes are a random number, by which
/// they know that it is the one they were told of.
/// </remarks>
internal sealed unsafe partial class SharedRegion : MemoryManager<float>
{
    /// <summary>Bytes at the beginning that are not the user's.</summary>
    public const int HeaderBytes = 64;

    /// <summary>What a span of floats can have.</summary>
    public const long LengthMax = (long)int.MaxValue * sizeof(float);

    private const string Name = "disttrain";
    private const string LinkTarget = $"/memfd:{Name} (deleted)";
    private const uint CloseOnExec = 1, AllowSealing = 2;
    private const int AddSeals = 1033, GetSeals = 1034;
    private const int SealSeal = 1, SealShrink = 2, SealGrow = 4;

    // Open as long as others may want to map it; what is mapped stays without it.
    private readonly SafeFileHandle? file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;

    private SharedRegion(SafeFileHandle opened, bool keepOpen)
    {
        Length = RandomAccess.GetLength(opened);
        using var mapped = MemoryMappedFile.CreateFromFile(opened, null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        view = mapped.CreateViewAccessor(0, Length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);

        // It stays mapped as long as the view is there; a reference that is kept would keep the collector from unmapping it.
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        file = keepOpen ? opened : null;
    }

    /// <summary>Whether this system has such memory.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>Bytes, <see cref="HeaderBytes"/> included.</summary>
    public long Length { get; }

    /// <summary>Whether this process made it, and so can tell others where it is.</summary>
    public bool IsOwn => file is not null;

    /// <summary>Under which others open it; <see cref="IsOwn"/> only.</summary>
    public SharedHandle Handle => new(Environment.ProcessId, (int)file!.DangerousGetHandle(), Number);

    private long Number => *(long*)start;

    /// <summary>A zeroed region; pages are taken when they are first touched.</summary>
    /// <exception cref="IOException">The system has none to give.</exception>
    public static SharedRegion Create(long bytes)
    {
        if (!IsSupported)
        {
            throw new IOException("This system has no memfd_create.");
        }

        int descriptor = MemoryFile(Name, CloseOnExec | AllowSealing);
        if (descriptor < 0)
        {
            throw new IOException($"memfd_create failed with error {Marshal.GetLastPInvokeError()}.");
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.SetLength(file, bytes);
        if (Control(file, AddSeals, SealSeal | SealShrink | SealGrow) < 0)
        {
            file.Dispose();
            throw new IOException($"F_ADD_SEALS failed with error {Marshal.GetLastPInvokeError()}.");
        }

        var region = new SharedRegion(file, keepOpen: true);
        RandomNumberGenerator.Fill(new Span<byte>(region.start, sizeof(long)));
        return region;
    }

    /// <summary>The region of another process, or of this one; null: it can't be had, or is not the one that was told of.</summary>
    public static SharedRegion? TryOpen(SharedHandle handle)
    {
        string path = $"/proc/{handle.Process}/fd/{handle.Descriptor}";
        try
        {
            // Looked at before it is opened: opening a pipe would wait.
            if (!IsSupported || new FileInfo(path).LinkTarget != LinkTarget)
            {
                return null;
            }

            using SafeFileHandle opened = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if ((Control(opened, GetSeals, 0) & SealShrink) == 0 || RandomAccess.GetLength(opened) is < HeaderBytes or > LengthMax)
            {
                return null;
            }

            var region = new SharedRegion(opened, keepOpen: false);
            return region.Number == handle.Number ? region : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Nobody here uses it any more: unmaps it, and closes the file. A region that is forgotten is the collector's to unmap.</summary>
    public void Close()
    {
        view.Dispose();
        file?.Dispose();
    }

    /// <summary>An integer that both sides may write at any time.</summary>
    /// <param name="offset">Bytes from the beginning, a multiple of 4.</param>
    public ref int WordAt(int offset) => ref *(int*)(start + offset);

    /// <summary>The whole region; the user's floats begin behind <see cref="HeaderBytes"/>.</summary>
    public override Span<float> GetSpan() => new(start, (int)(Length / sizeof(float)));

    public override MemoryHandle Pin(int elementIndex = 0) => new((float*)start + elementIndex, default, this);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // As memory it is nobody's to dispose: Close does.
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
