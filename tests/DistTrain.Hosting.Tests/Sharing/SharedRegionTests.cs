using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace DistTrain.Hosting.Tests;

public sealed class SharedRegionTests
{
    [SharedMemoryFact]
    public void Opened_by_its_handle_it_is_the_same_memory()
    {
        SharedRegion region = SharedRegion.Create(100_000);
        SharedRegion opened = Assert.IsType<SharedRegion>(SharedRegion.TryOpen(region.Handle));
        Assert.Equal((100_000, 25_000), (opened.Length, opened.GetSpan().Length));

        region.GetSpan()[24_999] = 1.5f;
        Assert.Equal(1.5f, opened.GetSpan()[24_999]);
        opened.GetSpan()[16] = 2.5f;
        Assert.Equal(2.5f, region.GetSpan()[16]);
    }

    [SharedMemoryFact]
    public void Another_number_another_descriptor_or_another_process_is_not_it()
    {
        SharedHandle handle = SharedRegion.Create(4096).Handle;
        Assert.Null(SharedRegion.TryOpen(handle with { Number = handle.Number + 1 }));
        Assert.Null(SharedRegion.TryOpen(handle with { Descriptor = 0 }));
        Assert.Null(SharedRegion.TryOpen(handle with { Descriptor = -1 }));
        Assert.Null(SharedRegion.TryOpen(handle with { Process = int.MaxValue }));
        Assert.NotNull(SharedRegion.TryOpen(handle));
    }

    [SharedMemoryFact]
    public void A_file_a_pipe_or_memory_that_could_shrink_is_not_opened()
    {
        using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1, FileOptions.DeleteOnClose);
        file.SetLength(4096);
        Assert.Null(SharedRegion.TryOpen(new SharedHandle(Environment.ProcessId, (int)file.SafeFileHandle.DangerousGetHandle(), 0)));

        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        Assert.Null(SharedRegion.TryOpen(new SharedHandle(Environment.ProcessId, (int)pipe.SafePipeHandle.DangerousGetHandle(), 0)));
    }

    [SharedMemoryFact]
    public void Nobody_can_make_it_shorter_under_who_reads_it()
    {
        SharedHandle handle = SharedRegion.Create(100_000).Handle;
        using SafeFileHandle file = File.OpenHandle($"/proc/{handle.Process}/fd/{handle.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.ThrowsAny<Exception>(() => RandomAccess.SetLength(file, 10));
        Assert.Equal(100_000, RandomAccess.GetLength(file));
    }

    [SharedMemoryFact]
    public void A_process_has_ended_when_it_was_killed_waited_for_or_not()
    {
        using Process process = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        HostProcess found = Assert.IsType<HostProcess>(HostProcess.Find(process.Id));
        Assert.False(found.HasEnded);
        Assert.False(HostProcess.Find(Environment.ProcessId)!.HasEnded);
        process.Kill();
        process.WaitForExit();
        Assert.True(found.HasEnded);
        Assert.Null(HostProcess.Find(int.MaxValue));
    }
}
