using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The part of statements that only the extended form of a batch or transaction has: the version of the schema (int64), count of settings (int32) and each of them
/// (<see cref="SettingsEncoding"/>), before the statements; after each statement a byte of flags, and with 1 the place of its settings (int32), and with 2 the
/// steps of a group: the one that gives the answer (int32), their count (int32), and for each the SQL and the encoded parameters.
/// </summary>
internal sealed class StatementEncoding
{
    /// <summary>In the byte of <see cref="BatchOptions"/>: the extended form.</summary>
    public const byte Extended = 0x20;

    private const byte SettingsFlag = 1;
    private const byte StepsFlag = 2;
    private const int StepBytesMin = 4 + 4;

    private readonly List<SessionSettings> _settings = [];
    private readonly Dictionary<SessionSettings, int>? _places;

    public StatementEncoding(IEnumerable<Statement> statements, long schemaVersion = 0)
    {
        SchemaVersion = schemaVersion;
        foreach (var statement in statements)
        {
            if (statement.Settings is { } settings && (_places ??= []).TryAdd(settings, _settings.Count))
            {
                _settings.Add(settings);
            }
        }
    }

    private StatementEncoding(ref FieldReader reader)
    {
        SchemaVersion = reader.ReadInt64();
        for (var count = reader.ReadCount(SettingsEncoding.BytesMin); count > 0; count--)
        {
            _settings.Add(SettingsEncoding.Read(ref reader));
        }
    }

    /// <summary>The version of the schema that the statements were made for; 0 for any.</summary>
    public long SchemaVersion { get; }

    /// <summary>The encoding of a batch's statements; null if they need none of it.</summary>
    public static StatementEncoding? Of(StatementBatch batch)
    {
        var needed = batch.SchemaVersion != 0;
        for (var i = 0; i < batch.Statements.Count && !needed; i++)
        {
            needed = IsNeeded(batch.Statements[i]);
        }

        return needed ? new(batch.Statements, batch.SchemaVersion) : null;
    }

    /// <summary>The encoding of a transaction's statements; null if they need none of it.</summary>
    public static StatementEncoding? Of(IReadOnlyList<TransactionStatement> statements)
    {
        for (var i = 0; i < statements.Count; i++)
        {
            if (IsNeeded(statements[i].Statement))
            {
                return new(statements.Select(static one => one.Statement));
            }
        }

        return null;
    }

    /// <exception cref="InvalidDataException">The bytes are no such encoding.</exception>
    public static StatementEncoding Read(ref FieldReader reader) => new(ref reader);

    /// <summary>The bytes before the statements.</summary>
    public long Measure() => 8 + 4 + _settings.Sum(SettingsEncoding.Measure);

    public void Write(IBufferWriter<byte> output)
    {
        output.WriteInt64(SchemaVersion);
        output.WriteInt32(_settings.Count);
        foreach (var settings in _settings)
        {
            SettingsEncoding.Write(output, settings);
        }
    }

    /// <summary>The bytes after a statement.</summary>
    public static long Measure(Statement statement) => 1 + (statement.Settings is null ? 0 : 4)
        + (statement.Steps.Count == 0 ? 0 : 4 + 4 + statement.Steps.Sum(static step => StepBytesMin + step.Bytes));

    public void Write(IBufferWriter<byte> output, Statement statement)
    {
        output.WriteByte((byte)((statement.Settings is null ? 0 : SettingsFlag) | (statement.Steps.Count == 0 ? 0 : StepsFlag)));
        if (statement.Settings is { } settings)
        {
            output.WriteInt32(_places![settings]);
        }

        if (statement.Steps.Count > 0)
        {
            output.WriteInt32(statement.Answer);
            output.WriteInt32(statement.Steps.Count);
            foreach (var step in statement.Steps)
            {
                output.WriteBytes(step.Sql.Span);
                output.WriteBytes(step.Parameters.Span);
            }
        }
    }

    /// <summary>The statement with what follows it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such encoding.</exception>
    public Statement Read(ref FieldReader reader, Statement statement)
    {
        var flags = reader.ReadByte();
        if ((flags & ~(SettingsFlag | StepsFlag)) != 0)
        {
            throw new InvalidDataException($"A statement has the flags {flags}.");
        }

        if ((flags & SettingsFlag) != 0)
        {
            statement = statement with { Settings = SettingsAt(reader.ReadInt32()) };
        }

        return (flags & StepsFlag) != 0 ? ReadSteps(ref reader, statement) : statement;
    }

    private static Statement ReadSteps(ref FieldReader reader, Statement group)
    {
        var answer = reader.ReadInt32();
        var steps = new Statement[reader.ReadCount(StepBytesMin)];
        for (var i = 0; i < steps.Length; i++)
        {
            var sql = reader.ReadBytes();
            steps[i] = new(sql, reader.ReadBytes());
        }

        return steps.Length > 0 && answer >= -1 && answer < steps.Length && group.Sql.IsEmpty && group.Parameters.IsEmpty
            ? group with { Steps = steps, Answer = answer }
            : throw new InvalidDataException("A group of statements is malformed.");
    }

    private static bool IsNeeded(Statement statement) => statement.Settings is not null || statement.Steps.Count > 0;

    private SessionSettings SettingsAt(int place) => (uint)place < (uint)_settings.Count
        ? _settings[place]
        : throw new InvalidDataException($"A statement has the settings {place} of {_settings.Count}.");
}
