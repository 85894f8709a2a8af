<?php

// Finds the classes without Composer: of the client, of what `generate.sh` writes, and of
// protobuf where Debian puts it.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $folders = [
        'Redress\\Client\\' => __DIR__ . '/src/',
        'Redress\\' => __DIR__ . '/gen/Redress/',
        'GPBMetadata\\Redress\\' => __DIR__ . '/gen/GPBMetadata/Redress/',
        'GPBMetadata\\Google\\' => '/usr/share/php/GPBMetadata/Google/',
        'Google\\Protobuf\\' => '/usr/share/php/Google/Protobuf/',
    ];
    foreach ($folders as $prefix => $folder) {
        $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
            return;
        }
    }
});
