import './tree.test';
