namespace Rqlite.Pg.Storage;

/// <summary>Keeps a generation open while its files are in use.</summary>
internal readonly struct GenerationUse(Generation generation) : IDisposable
{
    public Generation Generation { get; } = generation;

    public void Dispose() => Generation.RemoveUser();
}
